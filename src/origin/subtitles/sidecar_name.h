// SPDX-License-Identifier: LGPL-2.1-or-later
// What the name of a subtitle file beside a film says: "film.es.srt", "film.en.forced.vtt",
// "film.pt-BR.sdh.ass".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/media/facts.h"

namespace butaca::origin {

// A language tag with its primary part as short as it may be (RFC 5646, 2.2.1): "spa" is "es". "" when the
// word is none.
std::string language_from(std::string_view word);

// The track that a file is for a film, as far as their paths tell: language, name, forced, hearing_impaired
// and is_default. Nothing when the file is not beside the film, or its name does not begin with the film's.
std::optional<media::SubtitleTrack> sidecar_of(std::string_view film_path, std::string_view file_path);

} // namespace butaca::origin
