//! Every statement about notifications; one file a question.

pub mod digest;
pub mod inbox;
pub mod settings;
pub mod told;

/// Whether the person `v` may see a subject, given as two SQL expressions: its kind and its id. The same rules as the pages of
/// the subjects themselves have (`channel::sql`, `recording::access`): guests see project channels and what hangs there. With a limit
/// and an offset PostgreSQL asks it of each subject; else it looks through every post first, in case there are many subjects.
macro_rules! sees {
    ($kind:literal, $subject:literal) => {
        concat!(
            "((",
            $kind,
            " = 'post' and exists (
                 select 1 from post sp
                 join channel sc on sc.id = sp.channel
                 left join channel_member sm on sm.channel = sc.id and sm.person = v.id
                 where sp.id = ",
            $subject,
            " and sp.state = 'published' and sc.archived_at is null
                   and ((sc.audience = 'everyone' and v.role <> 'guest')
                        or (coalesce(sm.member, false) and (v.role <> 'guest' or sc.kind = 'project')))
                 limit 1 offset 0))
              or (",
            $kind,
            " in ('check_in', 'goal', 'slot') and v.role <> 'guest')
              or (",
            $kind,
            " = 'recording' and exists (
                 select 1 from recording sr where sr.id = ",
            $subject,
            " and sr.state <> 'deleted'
                   and (v.role <> 'guest' or sr.author = v.id or exists (
                       select 1 from post sp
                       join channel sc on sc.id = sp.channel
                       join channel_member sm on sm.channel = sc.id
                       where sm.person = v.id and sm.member and sc.kind = 'project' and sc.archived_at is null
                         and sp.state = 'published' and (sp.recording = sr.id or exists (
                             select 1 from comment sk
                             where sk.recording = sr.id and sk.subject_kind = 'post' and sk.subject = sp.id
                               and sk.deleted_at is null))))))
              or ",
            $kind,
            " = 'digest')"
        )
    };
}
pub(super) use sees;
