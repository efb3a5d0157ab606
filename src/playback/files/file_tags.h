// SPDX-License-Identifier: LGPL-2.1-or-later
// What a title is called, in the forms that files of sound have for it. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/media/facts.h"

namespace butaca::playback::files {

// An ID3v2.4 tag of text frames in UTF-8 (id3.org, "ID3 tag version 2.4.0"); empty when there is nothing to
// say.
std::string id3_tag(const media::Tags &tags);

// A Vorbis comment header without framing bit, as FLAC's VORBIS_COMMENT and OpusTags have it.
std::string vorbis_comment(const media::Tags &tags);

// The fields that are told, by their names in Vorbis comments ("TITLE"), none longer than 512 bytes.
std::vector<std::pair<std::string, std::string>> told(const media::Tags &tags);

} // namespace butaca::playback::files
