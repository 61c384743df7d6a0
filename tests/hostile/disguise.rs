//! F18: texts that would make a player open other files or connections, named like videos. A listener and a file with a known
//! content stand by: nobody connects, and nothing of the file comes out.

use std::net::TcpListener;
use std::path::Path;

use tempfile::TempDir;

use crate::answer::answer;
use crate::source::{find, made, written};

/// Names and contents, with the listener's address and the file's path in them.
fn texts(port: u16, canary: &Path) -> Vec<(String, String)> {
    let web = format!("http://127.0.0.1:{port}");
    let file = canary.display();
    let plain = canary.file_name().unwrap().to_string_lossy();
    let list = |entry: &str| format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{entry}\n#EXT-X-ENDLIST\n");
    let entries = [
        format!("{web}/a.ts"),
        format!("file://{file}"),
        file.to_string(),
        plain.to_string(),
        format!("concat:{file}|{file}"),
        format!("subfile,,start,0,end,0,,:{file}"),
        format!("crypto:{file}"),
        format!("tcp://127.0.0.1:{port}"),
        format!("udp://127.0.0.1:{port}"),
        format!("gopher://127.0.0.1:{port}/1"),
    ];
    let mut texts: Vec<(String, String)> = Vec::new();
    for (n, entry) in entries.iter().enumerate() {
        texts.push((format!("list-{n}.mp4"), list(entry)));
        texts.push((format!("list-{n}.m3u8"), list(entry)));
        texts.push((format!("concat-{n}.mp4"), format!("ffconcat version 1.0\nfile '{entry}'\n")));
        texts.push((format!("dash-{n}.mp4"), format!(
            "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" mediaPresentationDuration=\"PT2S\"><Period>\
             <AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" bandwidth=\"1\"><BaseURL>{entry}</BaseURL>\
             <SegmentList duration=\"2\"><SegmentURL media=\"{entry}\"/></SegmentList></Representation></AdaptationSet></Period></MPD>")));
    }
    texts.push(("key.mp4".into(), format!(
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI=\"{web}/key\"\n#EXTINF:2,\n{web}/a.ts\n#EXT-X-ENDLIST\n")));
    texts.push(("master.mp4".into(), format!("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{web}/v.m3u8\n")));
    texts.push(("session.mp4".into(), format!(
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video {port} RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n")));
    texts.push(("asx.mp4".into(), format!("<ASX version=\"3\"><Entry><Ref href=\"{web}/a.wmv\"/></Entry></ASX>")));
    texts.push(("ram.mp4".into(), format!("{web}/a.rm\n")));
    texts.push((
        "imf.mp4".into(),
        format!(
            "<?xml version=\"1.0\"?><AssetMap xmlns=\"http://www.smpte-ra.org/schemas/429-9/2007/AM\">\
        <AssetList><Asset><ChunkList><Chunk><Path>{file}</Path></Chunk></ChunkList></Asset></AssetList></AssetMap>"
        ),
    ));
    texts.push((
        "svg.mp4".into(),
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"{web}/a.png\"/></svg>"),
    ));
    texts.push(("filter.mp4".into(), format!("movie={file}")));
    texts.push(("image-%03d.mp4".into(), "not a picture".into()));
    texts
}

/// A film whose pictures, it says, lie in another file.
fn elsewhere(folder: &TempDir) -> Vec<u8> {
    let mut film =
        std::fs::read(made(folder, "film.mov", "-f lavfi -i testsrc=size=64x64:rate=5:duration=1 -c:v mpeg4")).unwrap();
    let at = find(&film, b"url \0\0\0\x01").or_else(|| find(&film, b"alis\0\0\0\x01")).expect("a reference to itself");
    film[at + 7] = 0;
    film
}

#[test]
fn f18_nothing_in_disguise_opens_a_connection_or_another_file() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    // A film that would play, so that reading it would show.
    let canary = made(
        &folder,
        "canary.ts",
        "-f lavfi -i testsrc=size=64x64:rate=5:duration=1 -c:v mpeg2video -metadata title=CANARY",
    );
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (name, text) in texts(port, &canary) {
        tried += 1;
        match answer(&written(&folder, &name, text.as_bytes())) {
            Ok(answer) if answer.word != "not_video" => wrong.push(format!("{name}: {}", answer.word)),
            Ok(answer) if std::fs::read_dir(answer.out.path()).unwrap().count() > 0 => {
                wrong.push(format!("{name}: something came out"))
            }
            Ok(_) => {}
            Err(how) => wrong.push(how),
        }
        if listener.accept().is_ok() {
            wrong.push(format!("{name}: somebody connected"));
        }
    }
    assert!(wrong.is_empty(), "of {tried}:\n{}", wrong.join("\n"));
    // Said to lie elsewhere, the pictures are those of the file itself or none.
    let answer = answer(&written(&folder, "elsewhere.mov", &elsewhere(&folder))).unwrap_or_else(|how| panic!("{how}"));
    assert!(["ready", "damaged", "not_video"].contains(&answer.word.as_str()), "{}", answer.word);
    assert!(listener.accept().is_err());
}
