// The shapes the server speaks, by noun. Times are RFC 3339 in UTC, ids are UUID strings.

export interface Page<T> { items: T[]; next: string | null }
export interface PersonRef { id: string; name: string; handle: string; title: string | null }

// account and org
export type Role = 'admin' | 'member' | 'guest';
export interface UnitRef { id: string; name: string; kind?: UnitKind }
export type UnitKind = 'company' | 'division' | 'team';
export interface Person extends PersonRef {
  email: string; manager: PersonRef | null; role: Role; state: 'active' | 'suspended' | string;
  time_zone: string; units: UnitRef[]; revision: number;
}
export interface Organisation {
  name: string; time_zone: string; check_in_weekdays: number[]; due_local_time: string; grace_minutes: number;
  review_due_hours: number; limit_ms: number; takes: number; allowed_origins: string[]; fiscal_year_start: number; revision: number;
}
export interface Session { person: Person; organisation: Organisation; recording_limit_ms: number; takes: number }
export interface Unit { id: string; kind: UnitKind; parent: string | null; lead: PersonRef | null; name: string; slug: string; members: number; revision: number }
export interface Invitation { id: string; name: string | null; email: string | null; role: Role; url?: string | null; expires_at: string; created_at?: string }
export interface DeviceSession { id: string; created_at: string; last_seen_at?: string; seen_at?: string; user_agent?: string | null; device?: string | null; current?: boolean }
export interface Token { id: string; name: string; created_at: string; last_used_at: string | null; expires_at: string | null }

// recordings and takes
export type TakeState = 'receiving' | 'processing' | 'ready' | 'refused' | 'failed' | string;
export interface Take {
  id: string; session: string; recording: string; ordinal: number; source: 'browser' | 'upload'; state: TakeState; watchable: boolean;
  code: string | null; detail: string | null; declared_ms: number | null; measured_ms: number | null; limit_ms: number;
  progress: number; phase: string | null; seconds_left: number | null; filename: string | null; watch_url: string; hls_url: string | null;
  mp4_url: string | null; poster_url: string | null; preview_url: string | null; width: number | null; height: number | null; created_at: string;
}
export type SubjectKind = 'free' | 'goal' | 'check_in' | 'post' | 'comment' | 'review';
export interface TakeSession {
  id: string; subject: { kind: SubjectKind; id?: string | null } | null; title: string | null; limit_ms: number; takes_allowed: number; takes_used: number;
  state: 'open' | 'kept' | 'discarded'; takes: Take[]; recording: { id: string; slug: string; watch_url: string }; watch_url: string;
}
export interface Attachment { kind: 'goal' | 'check_in' | 'post'; id: string; title: string; url: string }
export interface Recording {
  id: string; slug: string; title: string; description: string | null; author: PersonRef; state: string; take: Take | null; measured_ms: number | null;
  watch_url: string; poster_url: string | null; preview_url: string | null; views: { opened: number; watched: number };
  published_at: string | null; created_at?: string; revision: number; attachments?: Attachment[];
}
export interface RecordingBrief {
  id: string; slug: string; title: string; author: PersonRef; watch_url: string; poster_url: string | null; preview_url: string | null;
  hls_url: string | null; mp4_url: string | null; measured_ms: number | null; width: number | null; height: number | null; state: TakeState; take: string;
}
export interface ShareLink { id: string; audience: 'link' | string; url: string | null; embed_url: string | null; embed_html: string | null; expires_at: string | null; password?: boolean; revoked_at?: string | null }
export interface View { person: PersonRef; opened_at: string; seen_at: string; watched_ms: number; watched: boolean }

// goals
export type PeriodKind = 'year' | 'quarter' | 'month' | 'week';
export type Scope = 'company' | 'division' | 'manager' | 'individual';
export type GoalStatus = 'on_track' | 'caution' | 'off_track' | 'done';
export type Outcome = 'achieved' | 'partly' | 'missed' | 'dropped';
export interface Metric {
  id: string; name: string; kind: 'lead' | 'lag'; format: 'number' | 'percent' | 'money' | 'yes_no' | string; unit: string | null;
  direction: 'increase' | 'decrease' | 'stay_above' | 'stay_below' | string; baseline: number | null; target: number | null; cadence: string | null;
  value: number | null; progress: number | null; points?: { value: number; at: string }[];
}
export interface Clip { recording: string; slug: string; title?: string; poster_url: string | null; measured_ms: number | null; author: PersonRef; at: string }
export interface Goal {
  id: string; scope: Scope; unit: UnitRef | null; owner: PersonRef; reviewer: PersonRef | null;
  period: { kind: PeriodKind; start: string; end: string; label: string }; parent: { id: string; title: string } | null; title: string;
  description: string | null; state: 'draft' | 'active' | 'closed' | 'cancelled'; status: GoalStatus | null; progress: number | null; metrics: Metric[];
  outcome: Outcome | null; closing_note: string | null; children: number; last_clips: Clip[]; links?: { id: string; url: string; title: string | null; kind?: string }[];
  revision: number; created_at: string;
}

// check-ins
export type SlotState = 'ahead' | 'open' | 'submitted' | 'late' | 'missed' | 'excused';
export interface Slot {
  id: string; person: PersonRef; reviewer: PersonRef | null; local_date: string; time_zone: string; opens_at: string; due_at: string;
  grace_until: string; state: SlotState; check_in: string | null;
}
export interface CheckInMetric { metric: string; name: string; unit: string | null; previous: number | null; value: number | null }
export interface CheckInGoal {
  goal: { id: string; title: string; period: string | { label: string } }; status: GoalStatus | null; no_change: boolean;
  confidence: number | null; note: string | null; metrics: CheckInMetric[];
}
export interface Blocker {
  id?: string; text: string; goal: { id: string; title: string } | string | null; asks: PersonRef | string | null; at_ms: number | null;
  state?: 'open' | 'escalated' | 'resolved' | 'withdrawn'; carried?: boolean; slots_carried?: number; answer?: string | null;
}
export type Decision = 'acknowledged' | 'discuss' | 'change_asked';
export interface Review { decision: Decision | null; note: string | null; reviewer: PersonRef | null; reviewed_at: string | null; due_at: string | null; recording?: RecordingBrief | null }
export interface CheckIn {
  id: string; author: PersonRef; reviewer: PersonRef | null; slot: Slot | null; state: 'draft' | 'published'; headline: string | null;
  wins: string | null; next_actions: string | null; recording: RecordingBrief | null; goals: CheckInGoal[]; blockers: Blocker[];
  review: Review | null; local_date: string; published_at: string | null; revision: number;
}

// channels and comments
export interface Channel {
  id: string; kind: string; slug: string; name: string; unit: UnitRef | string | null; purpose: string | null; audience: string; posting: string;
  may_post: boolean; following: boolean; unread: number; document_required: boolean; acknowledgement: string | boolean;
}
export type ReactionKind = 'thanks' | 'agreed' | 'idea' | 'celebrate' | 'question';
export interface Reaction { kind: ReactionKind; count: number; mine: boolean }
export interface Post {
  id: string; channel: { id: string; slug: string; name: string }; author: PersonRef; title: string; body: string; body_html: string;
  document_url: string | null; recording: RecordingBrief | null; state: string; published_at: string | null; edited_at: string | null;
  acknowledge_by: string | null; acknowledgement: { asked: number; done: number; mine: 'asked' | 'done' | 'none' } | null;
  pinned_until: string | null; comments: number; reactions: Reaction[]; revision: number;
}
export interface Receipt { person: PersonRef; asked: boolean; opened_at: string | null; watched_ms: number; acknowledged_at: string | null }
export type CommentSubject = 'posts' | 'check-ins' | 'recordings' | 'goals';
export interface Comment {
  id: string; author: PersonRef; body: string; body_html: string; at_ms: number | null; recording: RecordingBrief | null; parent: string | null;
  replies: Comment[]; reactions: Reaction[]; created_at: string; edited_at: string | null; deleted: boolean; resolved: boolean; revision: number;
}

// home
export interface Owed {
  kind: 'check_in' | 'review' | 'acknowledge' | 'blocker'; title: string; detail: string | null; due_at: string | null; url: string;
  recording: RecordingBrief | null; person: PersonRef | null;
}
export interface News { kind: 'post' | 'check_in' | 'recording'; id: string; title: string; author: PersonRef; at: string; url: string; recording: RecordingBrief | null; context: string | null }
export interface Home { date: string; owe: Owed[]; week: Slot[]; goals: Goal[]; news: News[] }
