//! Filters: one way in, one way out.

use std::ffi::c_int;
use std::ptr;

use super::{AvError, Frame, Result, Shape, TICKS, av, c_string, check, got_one, text};

/// A chain of filters.
pub struct Graph {
    graph: *mut av::AVFilterGraph,
    source: *mut av::AVFilterContext,
    sink: *mut av::AVFilterContext,
}

// SAFETY: a graph is tied to no thread; it is made without threads of its own.
unsafe impl Send for Graph {}

impl Graph {
    /// A chain for pictures of that shape, whose times are in [`TICKS`].
    ///
    /// # Errors
    /// When a filter is not built in or does not take what it is given.
    pub fn video(shape: Shape, chain: &str) -> Result<Self> {
        let Shape { width, height, format, aspect } = shape;
        let aspect = if aspect.0 > 0 && aspect.1 > 0 { aspect } else { (1, 1) };
        let entry = format!(
            "video_size={width}x{height}:pix_fmt={format}:time_base={}/{}:pixel_aspect={}/{}",
            TICKS.num, TICKS.den, aspect.0, aspect.1
        );
        Self::new(("buffer", "buffersink"), &entry, chain)
    }

    /// A chain for sound like that of `like`, whose times are in [`TICKS`].
    ///
    /// # Errors
    /// When a filter is not built in or does not take what it is given.
    pub fn audio(like: &Frame, chain: &str) -> Result<Self> {
        let (format, rate, _) = like.sound();
        let mut layout = [0; 128];
        // SAFETY: the buffer is as long as is said; the format is one libav gave us.
        let (layout, format) = unsafe {
            let raw = &*like.raw();
            check(
                "layout",
                av::av_channel_layout_describe(&raw const raw.ch_layout, layout.as_mut_ptr(), layout.len()),
            )?;
            (
                text(layout.as_ptr()),
                text(av::av_get_sample_fmt_name(std::mem::transmute::<c_int, av::AVSampleFormat>(format))),
            )
        };
        let entry = format!(
            "time_base={}/{}:sample_rate={rate}:sample_fmt={format}:channel_layout={layout}",
            TICKS.num, TICKS.den
        );
        Self::new(("abuffer", "abuffersink"), &entry, chain)
    }

    fn new(ends: (&str, &str), entry: &str, chain: &str) -> Result<Self> {
        // SAFETY: a fresh graph that is ours. The two lists are made by us and freed on every way out.
        unsafe {
            let graph = av::avfilter_graph_alloc();
            if graph.is_null() {
                return Err(AvError::with("filters", "no memory"));
            }
            let mut new = Self { graph, source: ptr::null_mut(), sink: ptr::null_mut() };
            (*graph).nb_threads = 1;
            new.source = new.end(ends.0, c"in", Some(entry))?;
            new.sink = new.end(ends.1, c"out", None)?;
            let mut outputs = link(c"in", new.source);
            let mut inputs = link(c"out", new.sink);
            let parsed = av::avfilter_graph_parse_ptr(
                graph,
                c_string(chain).as_ptr(),
                &raw mut inputs,
                &raw mut outputs,
                ptr::null_mut(),
            );
            av::avfilter_inout_free(&raw mut inputs);
            av::avfilter_inout_free(&raw mut outputs);
            check("filters", parsed)?;
            check("filters", av::avfilter_graph_config(graph, ptr::null_mut()))?;
            Ok(new)
        }
    }

    unsafe fn end(
        &self,
        filter: &str,
        name: &std::ffi::CStr,
        options: Option<&str>,
    ) -> Result<*mut av::AVFilterContext> {
        let options = options.map(c_string);
        let options = options.as_ref().map_or(ptr::null(), |options| options.as_ptr());
        let mut made = ptr::null_mut();
        // SAFETY: the graph is ours; texts are copied by the call.
        unsafe {
            let kind = av::avfilter_get_by_name(c_string(filter).as_ptr());
            let code = av::avfilter_graph_create_filter(
                &raw mut made,
                kind,
                name.as_ptr(),
                options,
                ptr::null_mut(),
                self.graph,
            );
            check("filters", code)?;
        }
        Ok(made)
    }

    /// Sound comes out in pieces of so many samples; only the last may be shorter.
    pub fn set_samples(&mut self, samples: u32) {
        // SAFETY: a configured sink.
        unsafe { av::av_buffersink_set_frame_size(self.sink, samples) };
    }

    /// Puts a frame in (it stays the caller's), or, with none, says that no more come.
    ///
    /// # Errors
    /// What a filter says.
    pub fn send(&mut self, frame: Option<&Frame>) -> Result<()> {
        let frame = frame.map_or(ptr::null_mut(), Frame::raw);
        let keep = av::AV_BUFFERSRC_FLAG_KEEP_REF as c_int;
        // SAFETY: a configured source, and a valid frame or null, which means the end.
        check("filter", unsafe { av::av_buffersrc_add_frame_flags(self.source, frame, keep) }).map(drop)
    }

    /// Takes the next frame out; false when more are needed or at the end.
    ///
    /// # Errors
    /// What a filter says.
    pub fn receive(&mut self, frame: &mut Frame) -> Result<bool> {
        // SAFETY: a configured sink; what the frame held is let go first.
        got_one("filter", unsafe {
            av::av_frame_unref(frame.raw());
            av::av_buffersink_get_frame(self.sink, frame.raw())
        })
    }
}

unsafe fn link(name: &std::ffi::CStr, filter: *mut av::AVFilterContext) -> *mut av::AVFilterInOut {
    // SAFETY: a fresh list of one; without memory it stays null and the parser says so.
    unsafe {
        let made = av::avfilter_inout_alloc();
        if let Some(one) = made.as_mut() {
            one.name = av::av_strdup(name.as_ptr());
            one.filter_ctx = filter;
            one.pad_idx = 0;
            one.next = ptr::null_mut();
        }
        made
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        // SAFETY: ours, and freed once; both ends belong to it.
        unsafe { av::avfilter_graph_free(&raw mut self.graph) };
    }
}
