//! Every code a client can meet, in one table: its name on the wire, its HTTP status and its title.
//! A code, once released, keeps its meaning for ever; the sentence beside it may improve.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $name:literal, $status:literal, $title:literal;)+) => {
        /// What went wrong, as a stable word. `urn:twotake:problem:<name>` is the `type` of the problem document (RFC 9457).
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum Code { $($(#[$meta])* $variant,)+ }

        impl Code {
            /// Every code there is, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)+];

            /// The word on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)+ }
            }

            /// The HTTP status it is answered with.
            #[must_use]
            pub fn status(self) -> StatusCode {
                StatusCode::from_u16(match self { $(Code::$variant => $status,)+ }).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }

            /// A short title, the same for every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Code::$variant => $title,)+ }
            }

            /// The code with that word, if there is one (the media child and stored rows speak in words).
            #[must_use]
            pub fn from_name(name: &str) -> Option<Code> {
                Self::ALL.iter().copied().find(|code| code.name() == name)
            }
        }
    };
}

codes! {
    // the request itself
    BadRequest = "bad_request", 400, "The request could not be read";
    Invalid = "invalid", 422, "Some fields need another value";
    Unauthenticated = "unauthenticated", 401, "Sign in to continue";
    WrongCredentials = "wrong_credentials", 401, "That address and password do not belong together";
    Forbidden = "forbidden", 403, "You may not do that";
    CrossSite = "cross_site", 403, "The request came from another site";
    NotFound = "not_found", 404, "There is nothing here";
    MethodNotAllowed = "method_not_allowed", 405, "That method is not offered here";
    Gone = "gone", 410, "This has ended";
    Conflict = "conflict", 409, "This has changed in the meantime";
    Stale = "stale", 409, "Someone changed this while you were editing";
    TooManyRequests = "too_many_requests", 429, "Too many attempts";
    BodyTooLarge = "body_too_large", 413, "The request is too large";
    UnsupportedMediaType = "unsupported_media_type", 415, "That content type is not understood here";
    NotImplemented = "not_implemented", 501, "That format is not offered";
    // accounts
    SetUpDone = "set_up_done", 409, "This server is already set up";
    LinkUsed = "link_used", 410, "This link has been used or has run out";
    EmailTaken = "email_taken", 409, "Someone already has that address";
    HandleTaken = "handle_taken", 409, "Someone already has that handle";
    PasswordTooShort = "password_too_short", 422, "The password is too short";
    ManagerCycle = "manager_cycle", 422, "That would make someone their own manager";
    UnitCycle = "unit_cycle", 422, "That would put a unit inside itself";
    LastAdmin = "last_admin", 409, "The last administrator stays one";
    // uploads (tus 1.0)
    TusVersion = "tus_version", 412, "That version of tus is not spoken here";
    OffsetMismatch = "offset_mismatch", 409, "The upload stands at another offset";
    UploadBusy = "upload_busy", 423, "Another request is writing this upload";
    ChecksumMismatch = "checksum_mismatch", 460, "The bytes do not match their checksum";
    LengthMismatch = "length_mismatch", 413, "More bytes than were declared";
    UploadCancelled = "upload_cancelled", 410, "The upload was cancelled";
    UploadExpired = "upload_expired", 410, "The upload was not finished in time";
    QuotaExceeded = "quota_exceeded", 507, "Your storage is full";
    // takes
    TakesUsedUp = "takes_used_up", 409, "Both takes are used";
    SessionClosed = "session_closed", 409, "A take of this session has been kept";
    // media
    TooLarge = "too_large", 413, "The file is too large";
    TooLong = "too_long", 422, "Updates stop at three minutes";
    NotVideo = "not_video", 422, "There is no video in this file";
    UnsupportedCodec = "unsupported_codec", 422, "This kind of video cannot be read";
    PictureTooLarge = "picture_too_large", 422, "The picture is too large";
    Damaged = "damaged", 422, "The file is damaged";
    MediaFailed = "media_failed", 500, "The video could not be processed";
    MediaTimeout = "media_timeout", 500, "Processing took too long";
    NotReady = "not_ready", 409, "The video is not ready yet";
    // goals, check-ins, channels
    GoalCycle = "goal_cycle", 422, "A goal cannot stand under itself";
    ParentScope = "parent_scope", 422, "The parent goal's scope must be the same or wider";
    ParentPeriod = "parent_period", 422, "The parent goal's period must contain this one";
    OutcomeNeeded = "outcome_needed", 422, "Closing a goal needs an outcome and a note";
    GoalCarried = "goal_carried", 409, "This goal was carried over already";
    GoalClosed = "goal_closed", 409, "This goal is closed";
    SlotDone = "slot_done", 409, "This check-in has been submitted";
    SlotNotOpen = "slot_not_open", 409, "This check-in is not open yet";
    OwnReview = "own_review", 403, "Nobody reviews their own check-in";
    PostingRestricted = "posting_restricted", 403, "Only some people post in this channel";
    DocumentNeeded = "document_needed", 422, "Posts in this channel need a document";
    TooDeep = "too_deep", 422, "Comments go two deep";
    // the server
    Internal = "internal", 500, "Something went wrong on our side";
    Unavailable = "unavailable", 503, "Not available at the moment";
    StorageFull = "storage_full", 507, "The server's storage is full";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_found_again() {
        let names: HashSet<_> = Code::ALL.iter().map(|c| c.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|c| Code::from_name(c.name()) == Some(*c)));
    }
}
