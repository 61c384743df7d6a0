//! Posts, comments two deep, reactions; who read, watched and acknowledged.

use chrono::TimeDelta;

use crate::account::Person;
use crate::channel::post::draft::{self, NewPost};
use crate::channel::post::{PostRow, receipt};
use crate::channel::{self, ChannelRow};
use crate::comment::change::{self as comment_change, NewComment};
use crate::comment::reaction::{self, ReactionKind};
use crate::comment::{SubjectKind, subject};
use crate::jobs::Failure;
use crate::recording::view::{self, Report};

use super::Story;
use super::agenda::Act;
use super::cast::CAST;
use super::films::FILMS;
use super::posts::POSTS;

impl Story<'_> {
    /// Somebody posts; what others do with it is put down.
    pub(super) async fn post(&mut self, n: usize) -> Result<(), Failure> {
        let post = &POSTS[n];
        let author = if post.author == 0 { self.acting() } else { self.people[post.author].clone() };
        let channel = self.channel(&author, post.channel).await?;
        let recording = match post.film {
            Some(film) => Some(self.show(film).await?),
            None => None,
        };
        let now = self.app.clock.now();
        let new = NewPost {
            title: post.title.to_owned(),
            body: post.body.to_owned(),
            document_url: post.document.map(str::to_owned),
            recording,
            acknowledge_by: post.acknowledge.map(|hours| now + TimeDelta::hours(hours)),
            pinned_until: None,
            state: None,
            schedule: None,
        };
        let id = draft::create(&self.app, &author, &channel, new).await.map_err(Failure::passing)?;
        self.posts.insert(n, id);
        for (at, comment) in post.comments.iter().enumerate() {
            self.agenda.put(now + TimeDelta::minutes(comment.0), Act::Comment(n, at));
        }
        self.agenda.put(now + TimeDelta::minutes(100), Act::React(n));
        self.readers(n);
        Ok(())
    }

    /// Two in three read a post; where it is to be acknowledged, all but a few do.
    fn readers(&mut self, n: usize) {
        let (now, percent) = (self.app.clock.now(), if POSTS[n].acknowledge.is_some() { 100 } else { 62 });
        for who in (0..CAST.len()).filter(|who| *who != POSTS[n].author) {
            let few = (who + n) % 14 == 5;
            if !few && self.dice.chance(percent) {
                let minutes = self.dice.between(10, 60 * if POSTS[n].hours < 48 { 20 } else { 46 });
                self.agenda.put(now + TimeDelta::minutes(minutes), Act::Read(n, who));
            }
        }
    }

    async fn channel(&self, by: &Person, word: &str) -> Result<ChannelRow, Failure> {
        let db = &self.app.db;
        let found = match (word, self.project) {
            ("probe-3-launch", Some(id)) => channel::sql::channel::one(db, by, id).await?,
            _ => {
                let mut slug = word.to_owned();
                for (n, word) in self.words.iter().take(3).enumerate() {
                    slug = slug.replace(&format!("{{{n}}}"), word);
                }
                channel::sql::channel::by_slug(db, by, &slug).await?
            }
        };
        found.ok_or_else(|| Failure::permanent(format!("there is no channel {word}")))
    }

    async fn row(&self, n: usize, viewer: &Person) -> Result<PostRow, Failure> {
        let id = self.posts.get(&n).copied().ok_or_else(|| Failure::permanent("a post is gone"))?;
        let found = channel::sql::post::one(&self.app.db, viewer, id).await?;
        found.ok_or_else(|| Failure::permanent("a post is gone"))
    }

    /// Somebody opens a post, watches its film, and acknowledges it if they are asked.
    pub(super) async fn read(&mut self, n: usize, who: usize) -> Result<(), Failure> {
        let person = self.people[who].clone();
        let row = self.row(n, &person).await?;
        receipt::opened(&self.app, &person, &row).await.map_err(Failure::passing)?;
        if let (Some(recording), Some(film)) = (row.recording, POSTS[n].film) {
            let all = i64::from(FILMS[film].seconds.min(self.films.longest)) * 1000;
            let seen = if self.dice.chance(80) { all } else { all * 2 / 5 };
            let report = Report { position_ms: seen, ranges: vec![(0, seen)] };
            view::report(&self.app, &person, recording, report).await.map_err(Failure::passing)?;
        }
        if row.mine_asked {
            receipt::acknowledge(&self.app, &person, &row).await.map_err(Failure::passing)?;
        }
        Ok(())
    }

    /// Somebody comments: under the post, or under its film where they speak of a second of it.
    pub(super) async fn comment(&mut self, n: usize, at: usize) -> Result<(), Failure> {
        let (_, who, at_ms, words, answers) = POSTS[n].comments[at];
        let person = self.people[who].clone();
        let row = self.row(n, &person).await?;
        let above = self.last_comment.get(&n).copied().filter(|_| answers);
        let (kind, id) = match (above, row.recording) {
            (Some((_, kind, id)), _) => (kind, id),
            // Half of the films are talked about where they are watched, half where they were posted.
            (None, Some(recording)) if at_ms.is_some() && n % 2 == 1 => (SubjectKind::Recording, recording.0),
            (None, _) => (SubjectKind::Post, row.id.0),
        };
        let under = subject::open(&self.app, &person, kind, id).await.map_err(Failure::passing)?;
        let parent = above.map(|(comment, ..)| comment);
        let new = NewComment { body: words.to_owned(), at_ms, parent, recording: None };
        let made = comment_change::create(&self.app, &person, under, new).await.map_err(Failure::passing)?;
        if !answers {
            self.last_comment.insert(n, (made, kind, id));
        }
        Ok(())
    }

    pub(super) async fn react(&mut self, n: usize) -> Result<(), Failure> {
        for (who, word) in POSTS[n].reactions {
            let kind: ReactionKind = word.parse().map_err(Failure::permanent)?;
            let person = self.people[*who].clone();
            let row = self.row(n, &person).await?;
            let under =
                subject::open(&self.app, &person, SubjectKind::Post, row.id.0).await.map_err(Failure::passing)?;
            reaction::change::give(&self.app, &person, under, kind).await.map_err(Failure::passing)?;
        }
        Ok(())
    }
}
