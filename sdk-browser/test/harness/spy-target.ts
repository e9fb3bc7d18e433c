/** An `EventTarget` that counts who listens. */
export class SpyTarget extends EventTarget {
  listening = 0;
  visibilityState = 'hidden';

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.listening += 1;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    this.listening -= 1;
    super.removeEventListener(...args);
  }
}
