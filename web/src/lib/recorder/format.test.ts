import { describe, expect, it } from 'vitest';
import { type Browser, format } from './format';

const VP8 = 'video/webm;codecs=vp8,opus';
const full = { width: 1920, height: 1080, frameRate: 30 };

function browser(types: string[], hardware: string[] | null): Browser {
  const supports = (type: string) => types.includes(type);
  const about = async ({ video }: MediaEncodingConfiguration) => {
    const good = hardware?.includes(video?.contentType ?? '') ?? false;
    return { supported: true, smooth: true, powerEfficient: good } as MediaCapabilitiesInfo;
  };
  return hardware ? { supports, about } : { supports };
}

describe('what is recorded', () => {
  const chrome = ['video/webm;codecs=h264,opus', 'video/mp4;codecs=avc1.42E01F,opus', VP8, 'video/webm'];

  it('is H.264 where the browser makes it in hardware', async () => {
    expect(await format(full, browser(chrome, ['video/webm;codecs=h264']))).toBe('video/webm;codecs=h264,opus');
    expect(await format(full, browser(chrome, ['video/mp4;codecs=avc1.42E01F']))).toBe('video/mp4;codecs=avc1.42E01F,opus');
  });

  it('is VP8 where it would cost the machine more, or nobody can tell', async () => {
    expect(await format(full, browser(chrome, []))).toBe(VP8);
    expect(await format(full, browser(chrome, null))).toBe(VP8);
    const refusing: Browser = { supports: (type) => chrome.includes(type), about: () => Promise.reject(new TypeError('unknown')) };
    expect(await format(full, refusing)).toBe(VP8);
    // Chromium: the encoders are asked where recordings are unknown.
    const encoder = async (config: VideoEncoderConfig) => ({ supported: config.hardwareAcceleration === 'prefer-hardware', config });
    expect(await format(full, { ...refusing, encoder })).toBe('video/webm;codecs=h264,opus');
    expect(await format(full, { ...refusing, encoder: async (config) => ({ supported: false, config }) })).toBe(VP8);
  });

  it('is VP8 for a picture that the server would encode anyway', async () => {
    const able = browser(chrome, ['video/webm;codecs=h264']);
    expect(await format({ ...full, width: 2560, height: 1440 }, able)).toBe(VP8);
    expect(await format({ ...full, width: 1437 }, able)).toBe(VP8);
    expect(await format({ width: 1080, height: 1920 }, able)).toBe('video/webm;codecs=h264,opus');
  });

  it('is what there is elsewhere', async () => {
    const safari = ['video/mp4;codecs=avc1.42E01F,mp4a.40.2', 'video/mp4'];
    expect(await format(full, browser(safari, null))).toBe(safari[0]);
    expect(await format({}, browser([], []))).toBe('');
  });
});
