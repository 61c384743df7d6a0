"""A company of N people, a year into its use of Twotake, as rows: units and managers, slots and check-ins with goals, reviews and
blockers, goals on both axes with metrics and points, recordings, posts with receipts, comments two deep, reactions, the trail.
The same seed and day give the same company. Knows nothing of databases."""
import datetime
import hashlib
import json
import random

DAY = datetime.timedelta(days=1)
WEEKS = 58
SCOPES = ("company", "division", "manager", "individual")
KINDS = ("general", "announcements", "fun", "recognition", "training")
WORDS = "calibration board probe sleep bath hub winter release van depot ledger intake sensor harbour pump median minutes review".split()


class Secret(bytes):
    """Bytes that are no id: PostgreSQL writes the two differently."""


class Company:
    def __init__(self, organisation, admin, now, people, goals, check_ins, comments):
        self.random = random.Random(20261128)
        self.organisation, self.admin, self.now, self.today = organisation, admin, now, now.date()
        self.size = {"people": people, "goals": goals, "check_ins": check_ins, "comments": comments}
        self.rows = {}
        self.samples = {}
        self.begin = now - WEEKS * 7 * DAY
        for part in (self.people, self.units, self.channels, self.recordings, self.goals, self.check_ins, self.posts, self.comments, self.trail):
            part()

    # -- tools

    def add(self, table, **values):
        self.rows.setdefault(table, []).append(values)
        return values

    def id(self, at):
        """As the product makes them: ordered by time."""
        ms = int(at.timestamp() * 1000)
        return ms.to_bytes(6, "big") + (0x7000 | self.random.getrandbits(12)).to_bytes(2, "big") + (1 << 63 | self.random.getrandbits(62)).to_bytes(8, "big")

    def some_time(self, since=None):
        since = since or self.begin
        return since + datetime.timedelta(seconds=self.random.randrange(int((self.now - since).total_seconds()) or 1))

    def times(self, count):
        return sorted(self.some_time() for _ in range(count))

    def title(self):
        return " ".join(self.random.choices(WORDS, k=4)).capitalize()

    # -- parts, in the order in which they need each other

    def people(self):
        at, count = self.begin, self.size["people"]
        self.members, self.guests, self.manager = [self.admin], [], {}
        leads, self.teams = max(2, count // 60), max(4, count // 10)
        for n in range(1, count):
            # A tree: the administrator, under them the divisions' leads, under those the teams', under those everyone.
            manager = self.admin if n <= leads else self.members[1 + n % leads] if n <= leads + self.teams else self.members[1 + leads + n % self.teams]
            role = "guest" if n % 25 == 24 else "member"
            person = self.id(at)
            self.add("person", id=person, organisation=self.organisation, name=f"{self.random.choice(WORDS).capitalize()} Person{n:04}", handle=f"person{n}",
                     email=f"person{n}@example.com", title="Engineer", manager=None if role == "guest" else manager, role=role, state="active",
                     time_zone=("Europe/Berlin", "America/New_York", "Asia/Seoul")[n % 3], settings="{}", created_at=at)
            (self.guests if role == "guest" else self.members).append(person)
            self.manager[person] = manager
        self.division_leads, self.team_leads = self.members[1:1 + leads], self.members[1 + leads:1 + leads + self.teams]
        self.tokens = {"admin": self.admin, "manager": self.division_leads[0], "member": self.members[-1], "guest": self.guests[0]}
        for name, person in self.tokens.items():
            self.add("api_token", id=self.id(self.now), token_hash=Secret(hashlib.sha256(f"tt_bench_{name}".encode()).digest()), person=person,
                     name="bench", created_at=self.now, used_at=self.now)
        for at in self.times(count * 2):
            first = at.date()
            self.add("absence", id=self.id(at), person=self.random.choice(self.members), first_day=first, last_day=first + 4 * DAY, created_at=at)
        for n in range(count // 10):
            self.add("invitation", id=self.id(self.now), organisation=self.organisation, token_hash=Secret(hashlib.sha256(f"invitation {n}".encode()).digest()),
                     role="member", created_by=self.admin, created_at=self.now, expires_at=self.now + 7 * DAY)

    def units(self):
        def unit(kind, parent, lead, name):
            id = self.id(self.begin)
            self.add("unit", id=id, organisation=self.organisation, kind=kind, parent=parent, lead=lead, name=name, slug=name.lower().replace(" ", "-"), created_at=self.begin)
            return id
        top = unit("company", None, self.admin, "Whole company")
        self.divisions = [unit("division", top, lead, f"Division {n}") for n, lead in enumerate(self.division_leads)]
        self.team_units = [unit("team", self.divisions[n % len(self.divisions)], lead, f"Team {n}") for n, lead in enumerate(self.team_leads)]
        for n, person in enumerate(self.members):
            self.add("unit_member", unit=self.team_units[n % len(self.team_units)], person=person)
        self.samples["unit"] = [top, *self.divisions, *self.team_units]

    def channels(self):
        def channel(kind, unit, slug, **more):
            id = self.id(self.begin)
            self.add("channel", id=id, organisation=self.organisation, kind=kind, unit=unit, slug=slug, name=slug, audience=more.get("audience", "everyone"),
                     posting="leads" if kind == "announcements" else "everyone", created_at=self.begin)
            return id
        self.open = [channel(kind, unit, f"{kind}-{n}") for n, unit in enumerate(self.divisions) for kind in KINDS]
        self.open += [channel("project", None, f"project-{n}") for n in range(len(self.divisions) * 2)]
        closed = [channel("project", None, f"closed-{n}", audience="selected") for n in range(len(self.divisions) * 2)]
        for id in closed:
            for person in self.random.sample(self.members[1:], min(20, len(self.members) - 1)) + self.random.sample(self.guests, min(3, len(self.guests))):
                self.add("channel_member", channel=id, person=person, member=True, may_post=True, following=True, read_at=self.now - 3 * DAY)
        for person in self.members:
            for id in self.random.sample(self.open, min(20, len(self.open))):
                self.add("channel_member", channel=id, person=person, member=False, may_post=False, following=True, read_at=self.some_time())
        self.samples["channel"] = self.open

    def recordings(self):
        self.recorded = []
        for at in self.times(self.size["check_ins"] // 2):
            self.recorded.append((self.recording(at), at))
        self.samples["recording"] = [id for id, _ in self.recorded]
        for id in self.samples["recording"]:
            for person in self.random.sample(self.members, min(5, len(self.members))):
                self.add("view", recording=id, person=person, opened_at=self.now - DAY, seen_at=self.now - DAY, position_ms=4000, watched="[[0,60000]]", watched_ms=60000)
            if self.random.random() < 0.1:
                self.add("share_link", id=self.id(self.now), recording=id, audience="link", token_hash=Secret(hashlib.sha256(id).digest()), created_by=self.admin, created_at=self.now)

    def recording(self, at):
        session, id, take, author = self.id(at), self.id(at), self.id(at), self.random.choice(self.members)
        self.add("take_session", id=session, organisation=self.organisation, author=author, subject_kind="free", limit_ms=180000, takes=2, state="kept", created_at=at, closed_at=at)
        self.add("recording", id=id, slug=f"r{len(self.rows['take_session']):09}", organisation=self.organisation, author=author, session=session, take=take,
                 title=self.title(), state="published", published_at=at, created_at=at)
        self.add("take", id=take, session=session, recording=id, author=author, ordinal=1, source="upload", state="ready", began=True, watchable=True,
                 measured_ms=self.random.randrange(10_000, 180_000), attempt="1", width=1920, height=1080, created_at=at)
        return id

    def goals(self):
        """Company and divisions by year and quarter, managers by month, everyone by month and week; each under one that contains it."""
        total, self.owned = self.size["goals"], {person: [] for person in self.members}
        starts = {"year": {}, "quarter": {}, "month": {}}
        made = []

        def goal(scope, kind, start, end, owner, parent, unit=None):
            at = datetime.datetime.combine(start, datetime.time(8), datetime.timezone.utc)
            at = min(at, self.now)
            id, live = self.id(at), end >= self.today
            state = "active" if live else "closed"
            reviewer = self.manager.get(owner)
            self.add("goal", id=id, organisation=self.organisation, scope=scope, unit=unit, owner=owner, reviewer=reviewer if reviewer != owner else None, period_kind=kind,
                     period_start=start, period_end=end, parent=parent, title=self.title(), state=state,
                     status=self.random.choice(("on_track", "on_track", "on_track", "caution", "off_track", None)),
                     outcome=None if live else self.random.choice(("achieved", "partly", "missed")), closing_note="" if live else "As it is.",
                     closed_at=None if live else self.now, created_by=owner, created_at=at, changed_by=owner, changed_at=at)
            made.append(id)
            self.owned[owner].append((start, end, id))
            self.metrics(id, at, owner)
            return id

        for year in sorted({(self.begin.date()).year, self.today.year}):
            first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
            starts["year"][year] = [goal("company", "year", first, last, self.admin, None) for _ in range(max(2, total // 800))]
            for quarter in range(4):
                first, last = datetime.date(year, 3 * quarter + 1, 1), month_end(year, 3 * quarter + 3)
                starts["quarter"][year, quarter] = [
                    goal("division", "quarter", first, last, lead, self.random.choice(starts["year"][year]), unit)
                    for unit, lead in zip(self.divisions, self.division_leads)]
            for month in range(12):
                first, last = datetime.date(year, month + 1, 1), month_end(year, month + 1)
                if last < self.begin.date() or first > self.today + 31 * DAY:
                    continue
                starts["month"][year, month] = [
                    goal("manager", "month", first, last, lead, self.random.choice(starts["quarter"][year, month // 3]), unit)
                    for unit, lead in zip(self.team_units, self.team_leads)]
        # Three in ten of everyone's own goals are of this month and this week; the rest lies behind.
        while len(made) < total:
            owner, now = self.random.choice(self.members), self.random.random() < 0.3
            day = self.today if now else self.some_time().date()
            if self.random.random() < 0.5:
                first, last, of = day.replace(day=1), month_end(day.year, day.month), day
            else:
                first = day - day.weekday() * DAY
                last, of = first + 6 * DAY, first + 3 * DAY
            parents = starts["month"].get((of.year, of.month - 1)) or [None]
            goal("individual", "month" if first.day == 1 and last.day > 7 else "week", first, last, owner, self.random.choice(parents))
        self.samples["goal"] = made
        for goal_id in made:
            if self.random.random() < 0.5:
                clip, at = self.random.choice(self.recorded)
                self.add("goal_clip", goal=goal_id, recording=clip, author=self.admin, created_at=at)
            self.add("goal_link", id=self.id(self.now), goal=goal_id, kind="document", url="https://wiki.example/goal", created_at=self.now)

    def metrics(self, goal, at, owner):
        for position in range(self.random.choice((1, 1, 2))):
            id, value = self.id(at), 0.0
            for step in range(20):
                value = self.random.random() * 60
                self.add("metric_point", id=self.id(at + step * DAY), metric=id, at=at + step * DAY, value=value, author=owner, created_at=at + step * DAY)
            self.add("metric", id=id, goal=goal, name="Boards", kind=self.random.choice(("lead", "lag")), format="number", unit="boards", direction="increase",
                     baseline=0.0, target=64.0, position=position, value=value, created_at=at)
            self.samples.setdefault("metric", []).append(id)

    def check_ins(self):
        wanted, made, slots = self.size["check_ins"], [], []
        days = [self.today - n * DAY for n in range(-14, WEEKS * 7) if (self.today - n * DAY).isoweekday() in (2, 4)]
        for day in reversed(days):
            due = datetime.datetime.combine(day, datetime.time(15), datetime.timezone.utc)
            for person in self.members:
                if person == self.admin and due >= self.now:
                    continue  # the product made these when it was set up
                state = self.random.choices(("submitted", "late", "missed", "excused"), (82, 8, 7, 3))[0] if due < self.now else "ahead"
                if state in ("submitted", "late") and len(made) >= wanted:
                    state = "missed"
                slot = self.id(due - 14 * DAY)
                slots.append(slot)
                self.add("check_in_slot", id=slot, organisation=self.organisation, person=person, reviewer=self.manager.get(person), local_date=day, time_zone="Europe/Berlin",
                         opens_at=due - DAY / 4, due_at=due, grace_until=due + DAY / 24, state=state, decided_at=due if state != "ahead" else None, created_at=due - 14 * DAY)
                if state in ("submitted", "late"):
                    made.append(self.check_in(person, slot, day, due))
        self.samples |= {"check_in": made, "slot": slots[-20 * len(self.members):]}

    def check_in(self, person, slot, day, due):
        id, reviewer = self.id(due), self.manager.get(person)
        self.add("check_in", id=id, organisation=self.organisation, author=person, slot=slot, reviewer=reviewer, state="published", headline=self.title(), wins=self.title(),
                 next_actions=self.title(), recording=self.random.choice(self.recorded)[0] if self.random.random() < 0.4 else None, local_date=day, confidence=7.0, created_at=due, published_at=due)
        # What was theirs on that day, or the company's.
        then = [goal for first, last, goal in self.owned[person] if first <= day <= last]
        for goal in set(then[:4] or [self.owned[self.admin][0][2]]):
            self.add("check_in_goal", check_in=id, goal=goal, status=self.random.choice(("on_track", "caution", "off_track")), confidence=7, metrics=json.dumps([]))
        if reviewer:
            done = self.now - due > 5 * DAY or self.random.random() < 0.5
            self.add("review", id=self.id(due), check_in=id, reviewer=reviewer, decision="acknowledged" if done else None, due_at=due + DAY, reviewed_at=due + DAY if done else None, created_at=due)
        if self.random.random() < 0.05:
            state = self.random.choice(("resolved", "resolved", "open", "escalated"))
            self.add("blocker", id=self.id(due), organisation=self.organisation, check_in=id, author=person, text=self.title(), asks=reviewer, state=state, created_at=due,
                     resolved_at=due if state == "resolved" else None)
        return id

    def posts(self):
        self.posted = []
        for n, at in enumerate(self.times(self.size["check_ins"] // 10)):
            id, asked = self.id(at), n % 10 == 0
            # Every tenth is in one channel: some channels are far busier than others.
            channel = self.open[0] if n % 10 == 1 else self.random.choice(self.open)
            self.add("post", id=id, organisation=self.organisation, channel=channel, author=self.random.choice(self.members), title=self.title(), body="**One** week each.",
                     recording=self.random.choice(self.recorded)[0] if n % 2 else None, state="published", published_at=at, acknowledge_by=at + 7 * DAY if asked else None, created_at=at)
            self.posted.append(id)
            for person in self.members if asked else self.random.sample(self.members, min(15, len(self.members))):
                done = self.random.random() < (0.97 if asked else 0)
                self.add("receipt", post=id, person=person, asked=asked, opened_at=at, acknowledged_at=at if done else None)
        self.samples["post"] = self.posted

    def comments(self):
        total, subjects = self.size["comments"], []
        shares = (("post", self.posted, 0.45), ("check_in", self.samples["check_in"], 0.3), ("recording", self.samples["recording"], 0.15), ("goal", self.samples["goal"], 0.1))
        for kind, ids, share in shares:
            subjects += [(kind, self.random.choice(ids)) for _ in range(int(total * share * 0.96))]
        # The talk of the town: one of each kind has a hundredth of all comments under it.
        for kind, ids, _ in shares:
            subjects += [(kind, ids[-1])] * (total // 100)
        self.random.shuffle(subjects)
        tops, made = {}, []
        for (kind, subject), at in zip(subjects, self.times(len(subjects))):
            id, before = self.id(at), tops.setdefault((kind, subject), [])
            parent = self.random.choice(before) if before and self.random.random() < 0.4 else None
            self.add("comment", id=id, organisation=self.organisation, subject_kind=kind, subject=subject, parent=parent, author=self.random.choice(self.members),
                     body="Does the van count as a **hub**?", at_ms=4000 if kind == "recording" else None, created_at=at)
            if parent is None:
                before.append(id)
                made.append(id)
        self.samples["comment"] = made
        pools = [("comment", made), *((kind, ids) for kind, ids, _ in shares)]
        seen = set()
        for _ in range(int(total * 1.5)):
            kind, ids = self.random.choice(pools)
            key = (kind, self.random.choice(ids), self.random.choice(self.members), self.random.choice(("thanks", "agreed", "idea")))
            if key not in seen:
                seen.add(key)
                self.add("reaction", subject_kind=key[0], subject=key[1], person=key[2], kind=key[3], created_at=self.now)

    def trail(self):
        for at in self.times(self.size["comments"]):
            self.add("audit_event", id=self.id(at), organisation=self.organisation, actor=self.random.choice(self.members), action="goal.changed", subject_kind="goal",
                     subject=self.random.choice(self.samples["goal"]), detail="{}", at=at)
        self.samples["person"] = self.members


def month_end(year, month):
    return (datetime.date(year + month // 12, month % 12 + 1, 1)) - DAY
