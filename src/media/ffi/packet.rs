//! Packets: owned, shared by reference count.

use std::ptr::{self, NonNull};

use super::{AvError, Result, av, check, time};

/// A piece of coded picture or sound.
pub struct Packet(NonNull<av::AVPacket>);

// SAFETY: an AVPacket is tied to no thread; its buffer is counted atomically.
unsafe impl Send for Packet {}

impl Default for Packet {
    fn default() -> Self {
        // SAFETY: allocates an empty packet; without memory there is no way on.
        Self(NonNull::new(unsafe { av::av_packet_alloc() }).expect("memory for a packet"))
    }
}

impl Packet {
    pub(super) fn raw(&self) -> *mut av::AVPacket {
        self.0.as_ptr()
    }

    fn get(&self) -> &av::AVPacket {
        // SAFETY: never null, and only changed through `&mut self`.
        unsafe { self.0.as_ref() }
    }

    /// When it is shown, if the container says so.
    #[must_use]
    pub fn pts(&self) -> Option<i64> {
        time(self.get().pts)
    }

    /// When it is decoded.
    #[must_use]
    pub fn dts(&self) -> Option<i64> {
        time(self.get().dts)
    }

    /// How long it lasts; 0 where that is unknown.
    #[must_use]
    pub fn duration(&self) -> i64 {
        self.get().duration.max(0)
    }

    /// The stream it belongs to.
    #[must_use]
    pub fn stream(&self) -> usize {
        usize::try_from(self.get().stream_index).unwrap_or(usize::MAX)
    }

    /// Whether decoding can begin here.
    #[must_use]
    pub fn is_key(&self) -> bool {
        self.get().flags & av::AV_PKT_FLAG_KEY != 0
    }

    /// Whether an edit list hides it.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.get().flags & av::AV_PKT_FLAG_DISCARD != 0
    }

    /// Whether the container found it damaged.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        self.get().flags & av::AV_PKT_FLAG_CORRUPT != 0
    }

    /// Whether the container says that from here on the codec's header is another one.
    #[must_use]
    pub fn has_new_header(&self) -> bool {
        let kind = av::AVPacketSideDataType::AV_PKT_DATA_NEW_EXTRADATA;
        // SAFETY: looks through the side data of a valid packet.
        unsafe { !av::av_packet_get_side_data(self.raw(), kind, ptr::null_mut()).is_null() }
    }

    /// Another packet on the same bytes.
    ///
    /// # Errors
    /// When memory is short.
    pub fn share(&self) -> Result<Self> {
        let new = Self::default();
        // SAFETY: both are valid; the bytes are shared, not copied.
        check("packet", unsafe { av::av_packet_ref(new.raw(), self.raw()) }).map(|_| new)
    }

    /// Its bytes.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        let packet = self.get();
        match usize::try_from(packet.size) {
            // SAFETY: libav keeps `size` bytes at `data` for as long as the packet lives.
            Ok(size) if size > 0 && !packet.data.is_null() => unsafe { std::slice::from_raw_parts(packet.data, size) },
            _ => &[],
        }
    }

    /// Everything but its bytes: times, flags, side data.
    ///
    /// # Errors
    /// When memory is short.
    pub fn stripped(&self) -> Result<Self> {
        let new = Self::default();
        // SAFETY: both are valid; properties are copied, the bytes are not touched.
        check("packet", unsafe { av::av_packet_copy_props(new.raw(), self.raw()) })?;
        Ok(new)
    }

    /// Room for so many bytes in a packet that was stripped, to be filled by the caller.
    ///
    /// # Errors
    /// When memory is short.
    pub fn room(&mut self, size: usize) -> Result<&mut [u8]> {
        let grow = i32::try_from(size).map_err(|_| AvError::with("packet", "too large"))?;
        // SAFETY: the packet is ours and has no bytes yet, so the new buffer is shared with nobody.
        unsafe {
            check("packet", av::av_grow_packet(self.raw(), grow))?;
            let packet = self.0.as_mut();
            Ok(std::slice::from_raw_parts_mut(packet.data, usize::try_from(packet.size).unwrap_or(0)))
        }
    }

    /// Sets both times and how long it lasts (no reordering: it is shown when it is decoded).
    pub fn set_times(&mut self, at: i64, duration: i64) {
        // SAFETY: never null.
        let packet = unsafe { self.0.as_mut() };
        (packet.pts, packet.dts, packet.duration) = (at, at, duration);
    }

    /// Says whether decoding can begin here.
    pub fn set_key(&mut self, key: bool) {
        // SAFETY: never null.
        let packet = unsafe { self.0.as_mut() };
        packet.flags = if key { packet.flags | av::AV_PKT_FLAG_KEY } else { packet.flags & !av::AV_PKT_FLAG_KEY };
    }
}

impl Drop for Packet {
    fn drop(&mut self) {
        let mut packet = self.0.as_ptr();
        // SAFETY: ours, and freed once.
        unsafe { av::av_packet_free(&raw mut packet) };
    }
}
