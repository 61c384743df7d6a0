//! Who is in the sample company, and what each of them works towards. Words only; an invented maker of water probes for fish
//! farms, whose people and customers do not exist.

/// A person of the sample.
#[derive(Debug)]
pub struct Member {
    /// Full name.
    pub name: &'static str,
    /// What they do.
    pub title: &'static str,
    /// Whom they report to, by place in [`CAST`]; themselves for the one at the top.
    pub boss: usize,
    /// The unit they are in, by place in [`UNITS`]; none for the company's own.
    pub unit: Option<usize>,
    /// What they work towards.
    pub aim: Aim,
}

/// What somebody works towards for months, with its lead metric and the tasks of single weeks.
#[derive(Debug)]
pub struct Aim {
    /// The goal of a month.
    pub goal: &'static str,
    /// Its lead metric.
    pub metric: &'static str,
    /// Of what.
    pub unit: &'static str,
    /// Where it stood when the sample begins, and where it is to be.
    pub way: (f64, f64),
    /// Goals of single weeks.
    pub tasks: [&'static str; 4],
}

/// A unit of the sample: its name, the unit it is part of, its lead.
#[derive(Debug)]
pub struct UnitOf(pub &'static str, pub Option<usize>, pub usize);

/// Three divisions, then the teams in them.
pub const UNITS: [UnitOf; 12] = [
    UnitOf("Product", None, 1),
    UnitOf("Commercial", None, 16),
    UnitOf("Field and supply", None, 28),
    UnitOf("Calibration", Some(0), 2),
    UnitOf("Alarms", Some(0), 5),
    UnitOf("Hardware", Some(0), 9),
    UnitOf("Firmware", Some(0), 12),
    UnitOf("Renewals", Some(1), 17),
    UnitOf("New sites", Some(1), 21),
    UnitOf("Customer support", Some(1), 24),
    UnitOf("Hubs", Some(2), 29),
    UnitOf("Supply", Some(2), 34),
];

macro_rules! cast {
    ($(($name:literal, $title:literal, $boss:literal, $unit:expr, $goal:literal, $metric:literal, $of:literal, $from:literal => $to:literal,
        [$a:literal, $b:literal, $c:literal, $d:literal])),+ $(,)?) => {
        /// Forty people; whoever leads stands before those who report to them.
        pub const CAST: [Member; 40] = [$(Member { name: $name, title: $title, boss: $boss, unit: $unit,
            aim: Aim { goal: $goal, metric: $metric, unit: $of, way: ($from, $to), tasks: [$a, $b, $c, $d] } }),+];
    };
}

cast! {
    ("Ingrid Solvang", "Managing director", 0, None, "Each division says no to one thing", "Projects in progress", "projects", 14.0 => 9.0,
        ["Close the reseller programme properly", "Visit three sites that left us", "Agree the budget for two more hubs", "Answer the audit committee in writing"]),
    ("Tomasz Wilk", "Head of product", 0, Some(0), "Every team ships on its own day", "Releases that waited for another team", "releases", 7.0 => 1.0,
        ["Cut the release checklist to one page", "Give each team its own bench", "Retire the old pairing flow", "Decide on the second radio"]),
    ("Leena Koskela", "Calibration lead", 1, Some(3), "Calibration under 20 minutes", "Median minutes per probe", "min", 42.0 => 20.0,
        ["Second bath off at night", "Write the calibration guide anew", "Measure drift over a weekend", "Train the Bergen hub on the new bath"]),
    ("Wenling Tao", "Bath engineer", 2, Some(3), "Both baths hold 12 degrees within 0.02", "Hours in tolerance a week", "h", 96.0 => 160.0,
        ["Replace the stirrer in bath two", "Insulate the feed pipe", "Log the room beside the bath", "Find the source of the night dip"]),
    ("Joaquim Faria", "Test engineer", 2, Some(3), "The soak rig runs unattended", "Hours without a hand on it", "h", 4.5 => 12.0,
        ["Second power supply for rig B", "Restart by itself after a blown fuse", "Photograph each board before the soak", "Send the night report by six"]),
    ("Jonas Brekke", "Alarms lead", 1, Some(4), "Alarm noise halved for fish farms", "Alarms per site and week", "alarms", 61.0 => 30.0,
        ["Drop the alarm for short gaps", "Ask six sites which alarm they act on", "One alarm for one cause", "Quiet hours that still wake you for oxygen"]),
    ("Priya Venkat", "Data engineer", 5, Some(4), "A reading is on the map within a minute", "Readings later than a minute", "%", 8.0 => 1.0,
        ["Move the queue off the old machine", "Count what arrives twice", "Replay the lost hour of Saturday", "Alert on silence, not on load"]),
    ("Elin Dahl", "Designer", 5, Some(4), "The first screen answers the first question", "Sites that open a second screen", "%", 71.0 => 40.0,
        ["Test the oxygen view with four skippers", "Larger numbers for wet hands", "Colours that survive sunlight", "Remove the wheel of settings"]),
    ("Mateus Rocha", "App developer", 5, Some(4), "The app opens in under two seconds on old phones", "Median start", "s", 4.6 => 2.0,
        ["Load the map last", "Keep yesterday on the phone", "Throw out the third font", "Measure on the phone from 2019"]),
    ("Hana Okabe", "Hardware lead", 1, Some(5), "A housing that survives a winter", "Housings dry after 30 days at 40 m", "housings", 11.0 => 24.0,
        ["Move the seal by 3 mm", "Freeze and thaw fifty times", "Second source for the clamp", "Choose the colour that mussels dislike"]),
    ("Kofi Mensah", "Radio engineer", 9, Some(5), "Each probe is heard from the far pen", "Packets heard at 900 m", "%", 82.0 => 97.0,
        ["Tune the antenna with the new firmware", "Walk the quay in Tromso with a meter", "Try the tall mast for a week", "Write down what rain does"]),
    ("Signe Lund", "Materials engineer", 9, Some(5), "Cables last three seasons", "Cables returned a month", "cables", 19.0 => 6.0,
        ["Strain relief, fourth attempt", "Open ten returned cables", "Ask the supplier for the old jacket", "Salt fog for two hundred hours"]),
    ("Nadia Haddad", "Firmware lead", 1, Some(6), "Firmware 3.2 on every new probe", "Boards passing the 12 h soak", "boards", 22.0 => 64.0,
        ["Find the sleep failure on board 17", "Freeze the radio interface", "Hand the candidate to the field", "Sign images on the bench, not by mail"]),
    ("Oskar Lindqvist", "Firmware engineer", 12, Some(6), "A probe sleeps 23 hours a day", "Microamps asleep", "uA", 41.0 => 12.0,
        ["Turn the second clock off", "Measure twenty probes overnight", "Stop the flash from waking", "Batch four readings into one"]),
    ("Ravi Menon", "Firmware engineer", 12, Some(6), "Updates over the air never strand a probe", "Updates that needed a visit", "visits", 13.0 => 0.0,
        ["Two images, one of them always good", "Resume after a lost packet", "Refuse an update under 3.4 volts", "Update the oldest hundred first"]),
    ("Clara Benedetti", "Release engineer", 12, Some(6), "From merge to bench within an hour", "Minutes from merge to bench", "min", 190.0 => 60.0,
        ["Cache the toolchain", "Run the slow tests at night", "One button for the bench", "Name builds so that people can say them"]),
    ("Adaeze Obi", "Head of commercial", 0, Some(1), "Renew 92% of sites", "Sites renewed of those due", "%", 74.0 => 92.0,
        ["Call the four sites that worry us", "One price list instead of three", "Say what a renewal includes", "Hand new accounts over in person"]),
    ("Sofia Marchesan", "Renewals lead", 16, Some(7), "Call every site before its audit", "Sites called ahead", "sites", 12.0 => 48.0,
        ["List the audits of the quarter", "Write the two-minute opening", "Call the west coast", "Send the summary the same day"]),
    ("Daniel Whitcombe", "Account manager", 17, Some(7), "No renewal is a surprise", "Accounts with a date for the talk", "%", 55.0 => 95.0,
        ["Put a date on the last twenty", "Ask what they would miss", "Meet the new owner of two sites", "Repair the invoice for the north"]),
    ("Yuki Arai", "Account manager", 17, Some(7), "Small sites stay", "Small sites renewed", "sites", 9.0 => 30.0,
        ["A plan for a single pen", "Shared hub for three islands", "Phone hours in the evening", "A letter that fits on one page"]),
    ("Fatima Idrissi", "Account manager", 17, Some(7), "Southern sites use what they pay for", "Features in use per site", "features", 2.1 => 4.0,
        ["Show the feed link to five sites", "Translate the night report", "Visit the two largest farms", "Turn on the map for everyone"]),
    ("Lars Eide", "New sites lead", 16, Some(8), "Twelve new sites before the cold", "Sites signed", "sites", 2.0 => 12.0,
        ["Answer the tender from the fjords", "Trial at the hatchery", "Drop the two slow prospects", "Agree delivery weeks with supply"]),
    ("Chloe Martin", "Sales engineer", 21, Some(8), "A trial says yes or no in three weeks", "Days a trial takes", "days", 38.0 => 21.0,
        ["Ship the trial box pre-paired", "Define what yes means, beforehand", "Collect the boxes that finished", "Take pictures of each mounting"]),
    ("Ibrahim Diallo", "Sales engineer", 21, Some(8), "Quotes within a day", "Hours to a quote", "h", 52.0 => 24.0,
        ["Template for the common case", "Ask for depth and distance first", "Approve under ten thousand alone", "Count the quotes that came back"]),
    ("Marta Kowal", "Support lead", 16, Some(9), "Answer in four hours, solve in two days", "Tickets solved within two days", "%", 63.0 => 90.0,
        ["Close what nobody waits for", "Pair a new colleague with Sean", "Ten answers worth writing once", "Move the phone to one number"]),
    ("Sean Gallagher", "Support specialist", 24, Some(9), "Pairing questions disappear", "Pairing tickets a week", "tickets", 34.0 => 8.0,
        ["Film the pairing in rain", "Sticker with the four steps", "Ask firmware for a longer light", "Call back everyone of last week"]),
    ("Aiko Mori", "Support specialist", 24, Some(9), "Night calls only for oxygen", "Night calls a week", "calls", 11.0 => 3.0,
        ["Sort the calls of September", "Agree who may wake whom", "Teach the bot one sentence", "Test the new rota for a week"]),
    ("Teresa Nunes", "Training writer", 24, Some(9), "Each guide fits one screen", "Guides on one screen", "guides", 4.0 => 18.0,
        ["Rewrite the mounting guide", "Film the restart in 40 seconds", "Ask field what they never read", "Archive what is older than three years"]),
    ("Bruno Quintela", "Head of field and supply", 0, Some(2), "A hub within four hours of every site", "Sites within four hours", "%", 67.0 => 90.0,
        ["Open the Bergen hub", "Agree the winter rota", "Lease a van for the north", "Sign off the spare-parts list"]),
    ("Samira Belkadi", "Hub lead", 28, Some(10), "Every hub can swap a probe the same day", "Same-day swaps", "%", 58.0 => 85.0,
        ["Stock the Tromso van", "Write the swap on a card", "Second key for the Bergen store", "Walk through a swap with Anders"]),
    ("Maeve Corrigan", "Field engineer", 29, Some(10), "No visit without a cause found", "Visits with a cause", "%", 70.0 => 95.0,
        ["Photograph before touching", "Carry the radio meter", "Report from the quay, not from home", "Go back to the two open cases"]),
    ("Anders Holm", "Field engineer", 29, Some(10), "West coast pens are live before frost", "Pens live", "pens", 6.0 => 22.0,
        ["Mount the outer pens", "Fix the mast at pen nine", "Hand over to the night crew", "Borrow the boat on Thursday"]),
    ("Luis Herrera", "Field engineer", 29, Some(10), "Spare probes come back repaired", "Probes repaired a week", "probes", 5.0 => 14.0,
        ["Bench in the south hub", "Sort returns by fault", "Order seals for fifty", "Show hardware the cracked ones"]),
    ("Greta Vogel", "Field engineer", 29, Some(10), "Lake sites run through the winter", "Lake sites prepared", "sites", 3.0 => 16.0,
        ["Buoys for thin ice", "Antifreeze for the hub boxes", "Check four batteries in the cold", "Agree the sledge route"]),
    ("Minho Park", "Supply lead", 28, Some(11), "No order waits for a part", "Orders waiting for a part", "orders", 23.0 => 4.0,
        ["Second supplier for the clamp", "Count the store by hand", "Freeze the list for the quarter", "Weekly call with the board house"]),
    ("Zofia Baran", "Buyer", 34, Some(11), "The ten costly parts cost a tenth less", "Saved on the ten parts", "%", 1.0 => 10.0,
        ["Quotes for the pressure sensor", "Bundle the cable orders", "Ask for the price of a year", "Say no to the express freight"]),
    ("Emeka Nwosu", "Stores", 34, Some(11), "What the list says lies on the shelf", "Shelves that match the list", "%", 79.0 => 99.0,
        ["Label the upper rows", "Scan on the way out", "Give the old cables away", "A cage for the returns"]),
    ("Helene Roux", "Logistics", 34, Some(11), "Boxes arrive when the boat leaves", "Deliveries on the agreed day", "%", 72.0 => 94.0,
        ["Swap the carrier in the north", "Print the tide on the label", "One pallet a week to Bergen", "Track the three slow lanes"]),
    ("Arjun Pillai", "Quality lead", 28, Some(2), "A fault is understood within five days", "Days to a cause", "days", 13.0 => 5.0,
        ["Wall of the five open faults", "Ask why once more, in writing", "Share the clamp report", "Close what has not come back"]),
    ("Birgit Sommer", "Finance and people", 0, None, "The month closes on its third day", "Working days to close", "days", 9.0 => 3.0,
        ["Invoices without paper", "Expenses by the tenth", "Agree the lease of the Bergen hub", "One calendar for leave"]),
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn everybody_reports_to_somebody_who_stands_before_them_and_nothing_is_said_twice() {
        for (n, member) in CAST.iter().enumerate().skip(1) {
            assert!(member.boss < n, "{}", member.name);
        }
        for UnitOf(name, parent, lead) in &UNITS {
            assert!(parent.is_none_or(|parent| parent < 3) && *lead < CAST.len(), "{name}");
        }
        let words = CAST.iter().flat_map(|member| member.aim.tasks.into_iter().chain([member.aim.goal, member.name]));
        let all: Vec<&str> = words.collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    }
}
