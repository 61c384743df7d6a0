//! What people of the sample post, and what is answered under it. Words only.

/// A post.
#[derive(Debug)]
pub struct PostOf {
    /// Hours before the end of the sample.
    pub hours: i64,
    /// The channel's word in addresses; `{0}` to `{2}` stand for the divisions' own words.
    pub channel: &'static str,
    /// Who posts, by place in the cast.
    pub author: usize,
    /// Its title.
    pub title: &'static str,
    /// Its words.
    pub body: &'static str,
    /// The document it is about.
    pub document: Option<&'static str>,
    /// Its film, by place in the films.
    pub film: Option<usize>,
    /// Hours from its publication in which it wants to be acknowledged.
    pub acknowledge: Option<i64>,
    /// Comments: minutes after, who, the second of the video, words, and whether it answers the one above.
    pub comments: &'static [(i64, usize, Option<i64>, &'static str, bool)],
    /// Reactions: who, and which word.
    pub reactions: &'static [(usize, &'static str)],
}

const NOTHING: PostOf = PostOf {
    hours: 0,
    channel: "general",
    author: 0,
    title: "",
    body: "",
    document: None,
    film: None,
    acknowledge: None,
    comments: &[],
    reactions: &[],
};

/// Everything that is posted, the oldest first.
pub const POSTS: [PostOf; 24] = [
    PostOf {
        hours: 1290,
        channel: "announcements",
        author: 0,
        title: "No more status meetings, from today",
        body: "We record instead: at most three minutes, twice a week, each beside the goal it is about. Watch when it suits you and answer under the post.\n\nThe meeting rooms stay, for work that needs a table.",
        document: Some("https://wiki.tidemark.example/how-we-update"),
        comments: &[
            (55, 24, None, "What about the Monday hour with support?", false),
            (80, 0, None, "It goes too. Marta and I agreed on a round that the team watches before noon.", true),
            (190, 31, None, "Recorded my first one on the quay. Second take was the one.", false),
        ],
        reactions: &[(2, "celebrate"), (5, "agreed"), (17, "agreed"), (30, "celebrate"), (36, "thanks")],
        ..NOTHING
    },
    PostOf {
        hours: 1240,
        channel: "general",
        author: 39,
        title: "Where things are: leave, expenses, keys",
        body: "Three links that people ask me for every week, in one place. Expenses by the tenth, please.",
        document: Some("https://wiki.tidemark.example/where-things-are"),
        reactions: &[(6, "thanks"), (27, "thanks")],
        ..NOTHING
    },
    PostOf {
        hours: 1130,
        channel: "training",
        author: 27,
        title: "Restart a probe in forty seconds",
        body: "Hold, count to four, let go. The video shows what the light does when it worked and when it did not.",
        film: Some(0),
        comments: &[
            (130, 30, Some(6000), "Here the light is hard to see in the sun. Shade it with your hand.", false),
            (150, 27, None, "Added to the guide, thank you.", true),
        ],
        reactions: &[(25, "thanks"), (29, "idea"), (31, "thanks")],
        ..NOTHING
    },
    PostOf {
        hours: 1000,
        channel: "recognition",
        author: 16,
        title: "Thank you, Marta",
        body: "Forty-one open tickets on Monday, nine on Friday, and nobody was hurried. The list of ten answers worth writing once did that.",
        comments: &[
            (40, 24, None, "Sean wrote six of the ten. Pass it on to him.", false),
            (65, 25, None, "Passed on. The tea was good.", true),
        ],
        reactions: &[(0, "celebrate"), (17, "thanks"), (25, "celebrate"), (26, "celebrate"), (28, "agreed")],
        ..NOTHING
    },
    PostOf {
        hours: 960,
        channel: "{0}-announcements",
        author: 1,
        title: "Each team ships on its own day",
        body: "Calibration on Monday, alarms on Tuesday, firmware on Wednesday, hardware when it is dry. Nothing waits for anything else any more; what must fit together is written down in the document.",
        document: Some("https://wiki.tidemark.example/product/days"),
        acknowledge: Some(72),
        comments: &[
            (95, 12, None, "Wednesday works if the bench is free from seven.", false),
            (120, 2, None, "It is. We moved the baths to the evening.", true),
        ],
        reactions: &[(5, "agreed"), (9, "agreed"), (15, "celebrate")],
        ..NOTHING
    },
    PostOf {
        hours: 860,
        channel: "fun",
        author: 31,
        title: "The seal at pen nine has a name now",
        body: "Forty votes for Gunnar. He watched the whole mounting and approved of the mast.",
        comments: &[
            (30, 22, None, "Gunnar looks like our first customer.", false),
            (42, 33, None, "Better temper.", true),
        ],
        reactions: &[
            (7, "celebrate"),
            (8, "celebrate"),
            (14, "celebrate"),
            (20, "celebrate"),
            (26, "celebrate"),
            (35, "celebrate"),
        ],
        ..NOTHING
    },
    PostOf {
        hours: 790,
        channel: "{1}-general",
        author: 17,
        title: "What customers say when they leave",
        body: "I called eleven sites that did not renew. Price came up twice. The other nine said the same thing in different words: *we did not know what you changed*.",
        comments: &[
            (70, 5, None, "Can I have the nine? I would like to send them the alarm video.", false),
            (90, 17, None, "Yes, all nine agreed to a second call.", true),
        ],
        reactions: &[(0, "idea"), (16, "agreed"), (19, "agreed")],
        ..NOTHING
    },
    PostOf {
        hours: 700,
        channel: "training",
        author: 2,
        title: "Calibrate with the new bath, step by step",
        body: "Eighteen minutes if the probe is clean. The one step that people skip is the third: wait for the second beep.",
        document: Some("https://wiki.tidemark.example/product/calibration"),
        film: Some(1),
        comments: &[
            (200, 29, Some(9000), "Is this the old clamp? Ours looks different in Bergen.", false),
            (230, 2, None, "It is. The new one needs half a turn less.", true),
            (260, 32, Some(3000), "The order of the cables matters more than it looks here.", false),
        ],
        reactions: &[(3, "thanks"), (29, "thanks"), (32, "thanks"), (38, "agreed")],
        ..NOTHING
    },
    PostOf {
        hours: 640,
        channel: "{2}-announcements",
        author: 28,
        title: "Spare-parts list: frozen for the quarter",
        body: "Twenty-six parts, each with two suppliers and a shelf. If you need a twenty-seventh, say which one goes.",
        document: Some("https://wiki.tidemark.example/field/spares"),
        acknowledge: Some(96),
        comments: &[
            (140, 32, None, "The short cable is missing. We use four a week.", false),
            (180, 34, None, "It replaces the long one with the wrong jacket. Updated.", true),
        ],
        reactions: &[(36, "agreed"), (37, "thanks")],
        ..NOTHING
    },
    PostOf {
        hours: 560,
        channel: "general",
        author: 38,
        title: "Five faults, five days: the wall",
        body: "Each fault that came back is on one card until its cause is known. Three cards are empty today. Come and add what you saw.",
        comments: &[(33, 10, None, "Card two: it was the antenna, not the seal. Evidence on the bench.", false)],
        reactions: &[(1, "agreed"), (9, "idea"), (12, "agreed")],
        ..NOTHING
    },
    PostOf {
        hours: 500,
        channel: "recognition",
        author: 30,
        title: "Anders held the mast for two hours",
        body: "In wind that sent the boat home. Pens seven to nine are live because of it.",
        reactions: &[(0, "thanks"), (28, "thanks"), (29, "celebrate"), (33, "celebrate"), (10, "celebrate")],
        comments: &[(25, 31, None, "The mast held me.", false)],
        ..NOTHING
    },
    PostOf {
        hours: 430,
        channel: "announcements",
        author: 0,
        title: "The one we dropped, and why",
        body: "The reseller programme goes. It cost two people and brought four sites in a year; renewals need those two people more.\n\nNobody did it badly. We chose, that is all.",
        film: Some(2),
        comments: &[
            (60, 21, None, "I will write to the four partners today. May I send them the video?", false),
            (75, 0, None, "Yes. It says nothing that they should not hear.", true),
            (200, 23, Some(4000), "Thank you for saying the number out loud.", false),
        ],
        reactions: &[(16, "agreed"), (17, "thanks"), (21, "agreed"), (28, "agreed"), (39, "agreed")],
        ..NOTHING
    },
    PostOf {
        hours: 380,
        channel: "{0}-general",
        author: 7,
        title: "Oxygen first: the new screen with four skippers",
        body: "Three of four found the oxygen value in under two seconds, with gloves. The fourth looked for the fish.",
        film: Some(3),
        comments: &[
            (110, 26, Some(7000), "The red here is the one people call us about. Could it be the darker one?", false),
            (140, 7, None, "Yes, the darker one passed in sunlight too.", true),
        ],
        reactions: &[(5, "celebrate"), (24, "thanks"), (8, "agreed")],
        ..NOTHING
    },
    PostOf {
        hours: 330,
        channel: "fun",
        author: 36,
        title: "What we found behind row C",
        body: "One probe from the first series, two left gloves, a sandwich from a previous age, and the key that we have looked for since spring.",
        comments: &[
            (15, 35, None, "I bought a new lock in May because of that key.", false),
            (18, 36, None, "It fits the sandwich.", true),
        ],
        reactions: &[(34, "celebrate"), (37, "celebrate"), (32, "celebrate"), (11, "celebrate")],
        ..NOTHING
    },
    PostOf {
        hours: 265,
        channel: "{2}-general",
        author: 33,
        title: "Ice at two lakes already",
        body: "Buoys are in at four of sixteen. The route over the second lake is closed for cars until it holds 20 cm.",
        comments: &[(50, 28, None, "Take the sledge from Bergen. Samira has the key.", false)],
        reactions: &[(29, "agreed"), (37, "agreed")],
        ..NOTHING
    },
    PostOf {
        hours: 240,
        channel: "recognition",
        author: 12,
        title: "Ravi\u{2019}s updates: one hundred, no visit",
        body: "The oldest hundred probes have two images now, and not one of them needed a boat.",
        reactions: &[
            (1, "celebrate"),
            (13, "celebrate"),
            (15, "celebrate"),
            (29, "thanks"),
            (30, "thanks"),
            (31, "thanks"),
        ],
        comments: &[(20, 14, None, "One of them tried. It gave up politely and kept the old image.", false)],
        ..NOTHING
    },
    PostOf {
        hours: 195,
        channel: "{1}-announcements",
        author: 16,
        title: "One price list, from the first of the month",
        body: "Three lists become one. Old offers stand until they run out; what you promised, you keep.",
        document: Some("https://wiki.tidemark.example/commercial/prices"),
        acknowledge: Some(70),
        comments: &[
            (80, 18, None, "Does the north keep its freight?", false),
            (100, 16, None, "Yes, until spring. It is the last line of the document.", true),
        ],
        reactions: &[(19, "agreed"), (23, "thanks")],
        ..NOTHING
    },
    PostOf {
        hours: 170,
        channel: "probe-3-launch",
        author: 9,
        title: "Housing rev F: the seal moved 3 mm",
        body: "Thirty days at 40 m and dry. Two of twenty-four failed, both at the same screw; the drawing says why.",
        film: Some(4),
        comments: &[
            (90, 11, Some(5000), "That is the screw we torqued by hand. The driver slips at the end.", false),
            (105, 9, None, "Then it is one cause and not two. Good.", true),
        ],
        reactions: &[(1, "celebrate"), (10, "agreed"), (38, "agreed")],
        ..NOTHING
    },
    PostOf {
        hours: 146,
        channel: "probe-3-launch",
        author: 12,
        title: "Firmware 3.2: the candidate is with the field",
        body: "Fifty probes at five sites until the end of the week. Board 17 sleeps again: the flash woke it every nine seconds.",
        document: Some("https://wiki.tidemark.example/product/firmware-3-2"),
        comments: &[(45, 29, None, "Tromso has ten of them in the water since this morning.", false)],
        reactions: &[(13, "celebrate"), (2, "thanks")],
        ..NOTHING
    },
    PostOf {
        hours: 121,
        channel: "general",
        author: 24,
        title: "Support in numbers, once a month",
        body: "Seventy-eight in a hundred tickets are solved within two days. Pairing is still the first question; Sean\u{2019}s sticker goes out on Monday.",
        film: Some(5),
        comments: &[
            (66, 12, Some(8000), "We can keep the light on for ten seconds in 3.2. Asking Oskar what it costs.", false),
            (71, 13, None, "Two microamps. Worth it.", true),
        ],
        reactions: &[(16, "thanks"), (25, "celebrate"), (12, "agreed")],
        ..NOTHING
    },
    PostOf {
        hours: 75,
        channel: "fun",
        author: 8,
        title: "The phone from 2019 opened the app in 1.9 seconds",
        body: "It then asked for a charger, as every day.",
        reactions: &[(5, "celebrate"), (6, "celebrate"), (7, "celebrate"), (15, "celebrate")],
        comments: &[(12, 7, None, "Frame it.", false)],
        ..NOTHING
    },
    PostOf {
        hours: 50,
        channel: "recognition",
        author: 28,
        title: "Bergen is open, two days early",
        body: "Samira, Maeve and Minho carried a hub up four floors because the lift was late. Every site on the west coast is within four hours now.",
        comments: &[(35, 29, None, "Three floors. The fourth was stairs we took by mistake.", false)],
        reactions: &[
            (0, "celebrate"),
            (1, "celebrate"),
            (16, "celebrate"),
            (31, "thanks"),
            (34, "thanks"),
            (39, "celebrate"),
            (5, "celebrate"),
        ],
        ..NOTHING
    },
    PostOf {
        hours: 26,
        channel: "announcements",
        author: 28,
        title: "Winter on-call starts Monday: who, when and what changed",
        body: "Four people instead of six, one week each, and nobody is called for a probe that a restart would fix. The rota and the restart guide are in the document; the video shows the handover in under a minute.",
        document: Some("https://wiki.tidemark.example/field/winter-on-call"),
        film: Some(6),
        acknowledge: Some(98),
        comments: &[
            (45, 29, Some(9000), "Does the Tromso van count as a hub for the four-hour rule?", false),
            (60, 28, None, "Yes, from Monday. It carries two spare probes and a bath.", true),
            (75, 5, None, "Then I will route its alarms to the same person. Done by noon.", true),
            (130, 30, None, "The restart guide saved me at 05:40 this morning. Thank you.", false),
        ],
        reactions: &[(26, "thanks"), (30, "thanks"), (31, "agreed"), (33, "agreed"), (0, "agreed")],
    },
    PostOf {
        hours: 3,
        channel: "{0}-general",
        author: 5,
        title: "Fewer alarms, better alarms: six weeks on",
        body: "From 61 to 34 alarms per site and week, and the two that mattered on Tuesday were read within a minute. What is left is gaps in the radio.",
        film: Some(7),
        comments: &[
            (25, 26, Some(6000), "This is the week the night calls fell to four. Same line, drawn twice.", false),
            (40, 10, None, "Radio gaps at the far pens are mine. The tall mast comes on Thursday.", false),
        ],
        reactions: &[(1, "celebrate"), (24, "thanks"), (26, "thanks")],
        ..NOTHING
    },
];
