/** Camera, microphone and screen of this computer. */

/** @typedef {"camera" | "screen"} Kind */
/** @typedef {{kind: Kind, camera: string, microphone: string, isSpeech: boolean}} Source */

const SIZE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25, max: 30 } };

/** Whether the browser gives devices to this page at all: only over HTTPS, or on the computer itself. */
export const isSecure = Boolean(navigator.mediaDevices?.getUserMedia);
export const hasScreens = Boolean(navigator.mediaDevices && "getDisplayMedia" in navigator.mediaDevices);

/** What a fault of a device is called in the words of the page. @param {unknown} fault */
export function wordOf(fault) {
  const name = fault instanceof DOMException ? fault.name : "";
  if (name === "NotReadableError" || name === "AbortError") return "busy_device";
  return name === "NotAllowedError" || name === "SecurityError" ? "refused" : "no_device";
}

/** @param {Source} source @returns {MediaTrackConstraints} */
function sound({ microphone, isSpeech }) {
  const cleaning = { echoCancellation: isSpeech, noiseSuppression: isSpeech, autoGainControl: isSpeech };
  return { ...(microphone && { deviceId: { exact: microphone } }), ...cleaning, channelCount: { ideal: 2 } };
}

/** Picture and sound together. Raises what the browser raises. @param {Source} source */
export async function open(source) {
  const { mediaDevices } = navigator;
  if (source.kind === "screen") {
    const screen = await mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } } });
    for (const track of screen.getVideoTracks()) track.contentHint = "detail";
    const voice = await mediaDevices.getUserMedia({ audio: sound(source) }).catch(() => null); // a screen alone is allowed
    return new MediaStream([...screen.getVideoTracks(), ...(voice?.getAudioTracks() ?? [])]);
  }
  const video = { ...SIZE, ...(source.camera && { deviceId: { exact: source.camera } }) };
  return mediaDevices.getUserMedia({ video, audio: sound(source) });
}

/** @param {MediaStream | null} stream */
export function close(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Fills the choice with the devices there are; the one in use is chosen. @param {HTMLSelectElement} select @param {"videoinput" | "audioinput"} kind @param {MediaStreamTrack | undefined} inUse */
export async function fill(select, kind, inUse) {
  const devices = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === kind && one.deviceId);
  const used = inUse?.getSettings().deviceId ?? "";
  select.replaceChildren(...devices.map((one, index) => new Option(one.label || String(index + 1), one.deviceId, false, one.deviceId === used)));
  return devices.length;
}
