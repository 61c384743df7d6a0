// What `make bench-api` asks: one line a route, "ROLE ADDRESS"; {kind} is an id of that kind. Where an answer has further pages,
// those are asked for too. A route of docs/openapi.json that is neither here nor in LEFT_OUT is told at the end.
export const ROUTES = `
member  /api/home
member  /api/search?q=probe
member  /api/search?q=pr
member  /api/search?q=calibration
member  /api/search?q=probe+calib
member  /api/search?q=probe&kind=comment
guest   /api/search?q=probe
guest   /api/search?q=calibration
manager /api/home
admin   /api/home
member  /api/me
member  /api/me/duties
member  /api/me/inbox
member  /api/me/inbox/counts
member  /api/me/push
member  /api/me/quiet-hours
admin   /api/sample
member  /api/organisation
member  /api/session
member  /api/sessions
member  /api/tokens
member  /api/people
member  /api/people?q=calib
admin   /api/people?left=true
member  /api/people/{person}
member  /api/people/chart
member  /api/people/{person}/line
admin   /api/invitations
member  /api/units
member  /api/units/{unit}/members
member  /api/absences
member  /api/absences?person={person}
admin   /api/audit
admin   /api/audit?subject={goal}
admin   /api/audit?actor={person}
member  /api/goals
member  /api/goals?within=month&tops=true
member  /api/goals?within=quarter&tops=true
member  /api/goals?within=year
member  /api/goals?within=week&owner=me
member  /api/goals?scope=individual
member  /api/goals?look=true&within=month
member  /api/goals?state=closed
member  /api/goals?unit={unit}
member  /api/goals?owner={person}
member  /api/goals?parent={goal}
member  /api/goals/{goal}
member  /api/goals/{goal}/timeline
member  /api/goals/{goal}/comments
member  /api/goals/{goal}/reactions
member  /api/metrics/{metric}/points
member  /api/metrics/{metric}/points?history=true
member  /api/slots
member  /api/slots?person={person}
manager /api/slots
member  /api/slots/{slot}
member  /api/check-ins
member  /api/check-ins?author={person}
manager /api/check-ins?reviewer=me
manager /api/check-ins?reviewer=me&unreviewed=true
manager /api/check-ins?unreviewed=true
member  /api/check-ins?goal={goal}
member  /api/check-ins/{check_in}
manager /api/check-ins/{check_in}
member  /api/check-ins/{check_in}/comments
member  /api/check-ins/{check_in}/reactions
member  /api/rounds
manager /api/rounds
member  /api/scoreboard
manager /api/scoreboard?scope=manager
member  /api/scoreboard/metrics
manager /api/scoreboard/metrics?scope=manager
member  /api/scoreboard.csv
member  /api/channels
guest   /api/channels
admin   /api/channels
member  /api/channels/{channel}
member  /api/channels/{channel}/members
member  /api/channels/{channel}/posts
admin   /api/channels/{channel}/posts
member  /api/channels/{channel}/posts?pinned=true
member  /api/posts/{post}
admin   /api/posts/{post}/receipts
member  /api/posts/{post}/comments
member  /api/posts/{post}/comments?newest_first=true
member  /api/posts/{post}/reactions
member  /api/posts/{post}/revisions
member  /api/channels/{channel}/drafts
member  /api/mentions/suggestions?word=ca
member  /api/comments/{comment}
member  /api/comments/{comment}/replies
member  /api/comments/{comment}/reactions
member  /api/recordings
member  /api/recordings?author={person}
member  /api/recordings?q=probe
member  /api/recordings/{recording}
member  /api/recordings/{recording}/views
member  /api/recordings/{recording}/captions
admin   /api/recordings/{recording}/share-links
member  /api/recordings/{recording}/comments
member  /api/recordings/{recording}/reactions
`.trim().split('\n').map((line) => line.split(/\s+/));

// Routes that answer with media, pages, streams, or of links and takes that are in the making.
export const LEFT_OUT = [
	/^\/(media|embed|w|oembed|health|metrics)\b/,
	/\/departure$/,
	/^\/api\/(setup|invitations\/by-token|takes|take-sessions|uploads)\b/,
	/\/captions\/\{language\}$/,
	/\/events$/
];
