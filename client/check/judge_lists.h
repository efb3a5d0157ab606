// SPDX-License-Identifier: LGPL-2.1-or-later
// What can be judged of playlists alone, before any segment is fetched. Pure.
#pragma once

#include <string>

#include "client/check/playlist.h"

namespace butaca::client::check {

// A media playlist by itself. `is_main`: it is one of pictures or sound, whose target durations matter; those
// of subtitles and I-frames may differ.
void judge_media_playlist(const MediaPlaylist &list, bool is_main, const std::string &name,
                          Findings &findings);

// The multivariant playlist by itself: attributes, groups, names.
void judge_multivariant(const MultivariantPlaylist &list, const std::string &name, Findings &findings);

// Does a variant have pictures, by what is said of it?
bool says_pictures(const Variant &variant);

} // namespace butaca::client::check
