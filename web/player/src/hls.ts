/**
 * hls.js cut to what our playlists use: shared audio stays in (its published light build leaves it out, and a ladder with
 * one audio rendition would play silent), while subtitles, encryption, advertising and steering stay out. See vite.config.ts.
 */
export { default } from 'hls-source';
