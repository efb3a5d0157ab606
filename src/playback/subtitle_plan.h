// SPDX-License-Identifier: LGPL-2.1-or-later
// Subtitles in a presentation: as tracks for the player to show, or burned into the pictures. Pure.
#pragma once

#include <optional>
#include <string>

#include "src/base/result.h"
#include "src/media/subtitles.h"
#include "src/playback/presentation.h"
#include "src/playback/wishes.h"

namespace butaca::playback {

// The track that a wish for subtitles means; nothing when none was asked for. `unprocessable` names the wish
// that cannot be met: no such language, pictures that no player shows by itself, cues that cannot be read.
Result<std::optional<unsigned>> chosen_subtitles(const media::Asset &asset, const Wishes &wishes);

// Adds a rendition for every track whose cues are text, if the presentation has pictures. `chosen` is the
// default one.
void offer_subtitles(Presentation &presentation, std::optional<unsigned> chosen);

// Makes every picture rendition one with the track burned in. None of them may be a copy. `renderer` names
// what draws, with its version: it has a say in the bytes.
void burn_subtitles(Presentation &presentation, unsigned track, const media::Subtitles &cues,
                    const std::string &renderer);

} // namespace butaca::playback
