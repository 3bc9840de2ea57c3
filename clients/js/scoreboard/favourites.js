/** The teams that somebody follows, and the buttons to follow the two of a match. */

import { loadFavourites, saveFavourites } from "./device-store.js";
import { find, write } from "./elements.js";
import { t } from "./i18n.js";
import { nameOf } from "./labels.js";

const favourites = loadFavourites();

export const isFavourite = ({ participants }) => (participants ?? []).some((one) => favourites.has(one?.id));

export function showFollowButtons(match) {
  for (const [side, button] of [...find("follow").children].entries()) {
    const participant = match.participants[side];
    const isFollowed = favourites.has(participant?.id);
    button.hidden = !participant?.id;
    button.ariaPressed = String(isFollowed);
    write(button, t("follow", { team: nameOf(match, side) }));
    button.onclick = () => toggle(participant.id, match);
  }
}

function toggle(id, match) {
  if (!favourites.delete(id)) favourites.add(id);
  saveFavourites(favourites);
  showFollowButtons(match);
}
