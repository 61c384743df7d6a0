//! Check-ins, twice a week: most in time, some late, a few missed; blockers raised and answered; reviews, most within their time.

use chrono::TimeDelta;

use crate::checkin::blocker::{self, BlockerState, NewBlocker};
use crate::checkin::draft::{self, DraftChange, GoalAnswer, ValueAnswer};
use crate::checkin::review::{self, NewReview};
use crate::checkin::{self, Decision, slots, submit, tick};
use crate::goal::Status;
use crate::id::{BlockerId, CheckInId, RecordingId, SlotId};
use crate::jobs::Failure;

use super::Story;
use super::agenda::Act;
use super::cast::CAST;
use super::films::{FILMS, POSTED, TODAY};
use super::words;

/// Check-ins in eight weeks, for how far a number has come.
const ROUNDS: f64 = 17.0;

impl Story<'_> {
    /// A day begins: slots open or are excused, and everybody who has one will check in at some time of it.
    pub(super) async fn day(&mut self) -> Result<(), Failure> {
        tick::settle(&self.app).await?;
        let now = self.app.clock.now();
        for who in 0..self.people.len() {
            let open = slots::sql::open_now(&self.app.db, self.people[who].id, now).await?;
            let Some(slot) = open.into_iter().next() else { continue };
            // Three people forget now and then, two are often late.
            let (forgets, late) = (if who % 13 == 6 { 12 } else { 1 }, if who % 17 == 8 { 35 } else { 5 });
            if self.dice.chance(forgets) {
                continue;
            }
            let instant = match self.dice.chance(late) {
                true => slot.due_at + (slot.grace_until - slot.due_at) / 2,
                false => now + (slot.due_at - now).max(TimeDelta::zero()) * self.dice.between(5, 95) as i32 / 100,
            };
            self.agenda.put(instant, Act::CheckIn(who));
        }
        Ok(())
    }

    /// Somebody answers the slot that is open for them.
    pub(super) async fn check_in(&mut self, who: usize) -> Result<(), Failure> {
        let now = self.app.clock.now();
        let open = slots::sql::open_now(&self.app.db, self.people[who].id, now).await?;
        let Some(slot) = open.into_iter().next() else { return Ok(()) };
        let film = (POSTED..TODAY).find(|n| FILMS[*n].who == who && !self.recordings.contains_key(n));
        let recording = match film.filter(|_| self.end - now < TimeDelta::days(7)) {
            Some(n) => Some(self.show(n).await?),
            None => None,
        };
        let headline = recording.and(film).map(|n| FILMS[n].title.to_owned());
        let id = self.say(who, Some(slot.id), recording, headline, Vec::new()).await?;
        self.follow(who, id).await
    }

    /// Begins, fills in and submits a check-in.
    async fn say(
        &mut self,
        who: usize,
        slot: Option<SlotId>,
        recording: Option<RecordingId>,
        headline: Option<String>,
        mut blockers: Vec<NewBlocker>,
    ) -> Result<CheckInId, Failure> {
        let (app, person) = (self.app.clone(), self.people[who].clone());
        let (id, _) = draft::begin(&app, &person, slot).await.map_err(Failure::passing)?;
        let (before, member) = (self.move_on(who), &CAST[who]);
        let standing = &self.standing[who];
        let (n, value, task) = (standing.said, standing.value, member.aim.tasks[standing.task]);
        let after = member.aim.tasks[(standing.task + 1) % 4];
        for (_, _, text, asks, _) in words::BLOCKERS.iter().filter(|(by, at, ..)| (*by, *at) == (who, n)) {
            let (goal, asks) = (standing.month.map(|held| held.goal), Some(self.people[*asks].id));
            blockers.push(NewBlocker { id: None, text: (*text).to_owned(), goal, asks, at_ms: None });
        }
        let found = checkin::sql::check_in::one(&app.db, (person.organisation, person.id), id).await?;
        let change = DraftChange {
            headline: Some(headline.unwrap_or_else(|| words::headline(member, n, (before, value), task))),
            wins: Some(words::wins(member, n, value, task)),
            next_actions: Some(words::next(member, n, task, after)),
            recording: Some(recording),
            goals: Some(self.answers(who, before)),
            blockers: Some(blockers),
            revision: found.ok_or_else(|| Failure::permanent("a draft is gone"))?.revision,
        };
        draft::change(&app, &person, id, change).await.map_err(Failure::passing)?;
        submit::submit(&app, &person, id, None).await.map_err(Failure::passing)?;
        self.standing[who].said += 1;
        Ok(id)
    }

    /// The number moves; what it was before.
    fn move_on(&mut self, who: usize) -> f64 {
        let (from, to) = CAST[who].aim.way;
        let chance = self.dice.part();
        let standing = &mut self.standing[who];
        let before = standing.value;
        let part = (standing.said + 1) as f64 / ROUNDS;
        // Somebody's number turns in the last weeks, whatever they say.
        let turned = if who % 9 == 6 && part > 0.75 { (part - 0.75) * 1.6 } else { 0.0 };
        let come = (part * standing.pace - turned + (chance - 0.5) * 0.08).clamp(0.0, 1.0);
        let value = from + (to - from) * come;
        standing.value = if (to - from).abs() >= 20.0 { value.round() } else { (value * 10.0).round() / 10.0 };
        before
    }

    fn answers(&mut self, who: usize, before: f64) -> Vec<GoalAnswer> {
        let (from, to) = CAST[who].aim.way;
        let standing = &self.standing[who];
        let (n, value, task_done) = (standing.said, standing.value, standing.done);
        let come = (value - from) / (to - from);
        let behind = (n + 1) as f64 / ROUNDS - come;
        let status = match behind {
            _ if who % 9 == 6 => Status::OnTrack,
            _ if come >= 1.0 => Status::Done,
            ..0.22 => Status::OnTrack,
            ..0.4 => Status::Caution,
            _ => Status::OffTrack,
        };
        let confidence = i16::try_from(((1.15 - behind) * 8.0) as i64).unwrap_or(5).clamp(2, 10);
        let better = (value - before) * (to - from) >= 0.0;
        let mut all = Vec::new();
        if let Some(held) = standing.month {
            all.push(GoalAnswer {
                goal: held.goal,
                status: Some(status),
                no_change: false,
                confidence: Some(confidence),
                note: words::note(&CAST[who], n, better),
                reason: if who % 9 == 6 { words::reason(n).to_owned() } else { String::new() },
                metrics: held.metric.map(|metric| ValueAnswer { metric, value: Some(value) }).into_iter().collect(),
            });
        }
        if let Some(held) = standing.week {
            // The first check-in of a week hopes, the second knows.
            let done = task_done || (n % 2 == 1 && self.dice.chance(74));
            self.standing[who].done = done;
            let status = if done {
                Status::Done
            } else if n % 2 == 1 {
                Status::Caution
            } else {
                Status::OnTrack
            };
            let value = held.metric.filter(|_| done).map(|metric| ValueAnswer { metric, value: Some(1.0) });
            all.push(GoalAnswer {
                goal: held.goal,
                status: Some(status),
                no_change: false,
                confidence: Some(if done { 10 } else { 6 }),
                note: String::new(),
                reason: String::new(),
                metrics: value.into_iter().collect(),
            });
        }
        all
    }

    /// What follows a check-in: a review, and answers to what it asks.
    async fn follow(&mut self, who: usize, id: CheckInId) -> Result<(), Failure> {
        let now = self.app.clock.now();
        if who > 0 && !self.dice.chance(4) {
            let hours = if self.dice.chance(7) { self.dice.between(26, 40) } else { self.dice.between(1, 20) };
            let minutes = self.dice.between(0, 59);
            self.agenda
                .put(now + TimeDelta::hours(hours) + TimeDelta::minutes(minutes), Act::Review(id, CAST[who].boss));
        }
        for raised in checkin::sql::blocker::raised_in(&self.app.db, &[id]).await? {
            let known = words::BLOCKERS.iter().find(|(_, _, text, ..)| *text == raised.text);
            if let Some((_, _, _, by, Some(answer))) = known {
                self.agenda.put(now + TimeDelta::hours(49), Act::Resolve(raised.id, *by, answer));
            }
        }
        Ok(())
    }

    /// A reviewer answers: most acknowledge, some ask.
    pub(super) async fn review(&mut self, id: CheckInId, by: usize) -> Result<(), Failure> {
        let (decision, note) = match self.dice.between(0, 99) {
            ..6 => (Decision::Discuss, words::DISCUSS[self.dice.between(0, 5) as usize]),
            6..9 => (Decision::ChangeAsked, words::CHANGE[self.dice.between(0, 2) as usize]),
            _ => (Decision::Acknowledged, ""),
        };
        let new = NewReview { decision, note: note.to_owned(), recording: None };
        review::review(&self.app, &self.people[by], id, new).await.map_err(Failure::passing)
    }

    pub(super) async fn resolve(&mut self, id: BlockerId, by: usize, answer: &str) -> Result<(), Failure> {
        let ended = blocker::end(&self.app, &self.people[by], id, BlockerState::Resolved, answer).await;
        ended.map(drop).map_err(Failure::passing)
    }

    /// The managing director's extra check-in of today: to be reviewed by the administrator, whom it asks for something.
    pub(super) async fn today(&mut self) -> Result<(), Failure> {
        let recording = self.show(TODAY).await?;
        let text = "The lease of the Bergen hub needs your signature before Friday".to_owned();
        let goal = self.standing[0].month.map(|held| held.goal);
        let asked = NewBlocker { id: None, text, goal, asks: Some(self.administrator), at_ms: Some(6_000) };
        let headline = Some("Bergen is open, and one signature is missing".to_owned());
        self.say(0, None, Some(recording), headline, vec![asked]).await.map(drop)
    }
}
