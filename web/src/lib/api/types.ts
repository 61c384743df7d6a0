import type { components } from './schema';

// The shapes the server speaks, by noun: names for what docs/openapi.json describes (schema.ts is made from it by
// `make api-types`). Times are RFC 3339 in UTC, ids are UUID strings.

type Shapes = components['schemas'];

export interface Page<T> { items: T[]; next: string | null }
export type PersonRef = Shapes['PersonRef'];

// account and org
export type Role = Shapes['Role'];
export type Person = Shapes['Person'];
export type Organisation = Shapes['Organisation'];
export type Session = Shapes['Session'];
export type UnitKind = Shapes['UnitKind'];
export type Unit = Shapes['Unit'];
export type Invitation = Shapes['InvitationEntry'];
export type InvitationForm = Shapes['InvitationForm'];
export type MadeInvitation = Shapes['MadeInvitation'];
export type DeviceSession = Shapes['SessionEntry'];
export type Token = Shapes['Token'];
export type MadeToken = Shapes['MadeToken'];
export type Absence = Shapes['AbsenceEntry'];
export type Standing = Shapes['Standing'];
export type Batch = Shapes['Batch'];
export type BatchLine = Shapes['BatchLine'];
export type Leaving = Shapes['Leaving'];
export type TrailEntry = Shapes['TrailEntry'];
export type Sample = Shapes['Sample'];

// recordings and takes
export type TakeState = Shapes['TakeState'];
export type Take = Shapes['Take'];
export type SubjectKind = Shapes['SubjectKind'];
export type TakeSession = Shapes['TakeSession'];
export type Attachment = Shapes['Attachment'];
export type Recording = Shapes['Recording'];
export type RecordingBrief = Shapes['RecordingBrief'];
export type ShareLink = Shapes['ShareLink'];
export type Caption = Shapes['Caption'];
export type CaptionTrack = Shapes['CaptionTrack'];
export type View = Shapes['Viewer'];

// goals
export type PeriodKind = Shapes['PeriodKind'];
export type Scope = Shapes['Scope'];
export type GoalStatus = Shapes['Status'];
export type Outcome = Shapes['Outcome'];
export type Metric = Shapes['Metric'];
export type Point = Shapes['Point'];
export type Clip = Shapes['Clip'];
export type Goal = Shapes['Goal'];
export type GoalLink = Shapes['Link'];
export type TimelineEntry = Shapes['TimelineEntry'];

// check-ins
export type SlotState = Shapes['SlotState'];
export type Slot = Shapes['Slot'];
export type CheckInMetric = Shapes['FrozenMetric'];
export type CheckInGoal = Shapes['Said'];
export type Blocker = Shapes['Blocker'];
export type NewBlocker = Shapes['NewBlocker'];
export type DraftChange = Shapes['DraftChange'];
export type Decision = Shapes['Decision'];
export type Review = Shapes['Review'];
export type CheckIn = Shapes['CheckIn'];
export type Drift = Shapes['Drift'];
export type Round = Shapes['Round'];

// scoreboard
export type BoardScope = Shapes['BoardScope'];
export type Scoreboard = Shapes['Scoreboard'];
export type LeadMetric = Shapes['LeadMetric'];
export type LeadMetrics = Shapes['LeadMetrics'];
export type Reliable = Shapes['Scoreboard']['people']['items'][number];
export type Tally = Shapes['Tally'];
export type WeekTally = Shapes['WeekTally'];

// channels and comments
export type Channel = Shapes['Channel'];
export type ChannelMember = Shapes['ChannelMember'];
export type ReactionKind = Shapes['ReactionKind'];
export type Reaction = Shapes['Reaction'];
export type Post = Shapes['Post'];
export type Receipt = Shapes['Receipt'];
export type Revision = Shapes['Revision'];
export type Schedule = Shapes['Schedule'];
export type Mention = Shapes['Mention'];
export type Comment = Shapes['Comment'];
/** What a comment or a reaction may hang on, as it stands in addresses. */
export type CommentSubject = 'posts' | 'check-ins' | 'recordings' | 'goals';

// search
export type Hit = Shapes['Hit'];
export type HitKind = Shapes['FoundKind'];
export type Piece = Shapes['Piece'];
// inbox
export type Counts = Shapes['Counts'];
export type Notice = Shapes['Notice'];
export type QuietHours = Shapes['QuietHours'];

// home
export type Owed = Shapes['Owed'];
export type News = Shapes['News'];
export type Home = Shapes['Home'];
