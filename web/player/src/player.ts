/** Defines <twotake-player>, once, however often the script is loaded. */

import { TwotakePlayer } from './element';

if (!customElements.get('twotake-player')) customElements.define('twotake-player', TwotakePlayer);

export { TwotakePlayer };
