// SPDX-License-Identifier: LGPL-2.1-or-later
// Fonts that come with styled subtitles: attached to a Matroska file, or in a script's own [Fonts] section.
// Nothing here looks inside of them; whoever draws with them does so in a process of its own.
#pragma once

#include <string_view>

#include "src/base/gst.h"
#include "src/media/subtitles.h"

namespace butaca::origin {

// Whether these bytes begin as TrueType, OpenType or a collection of them (OpenType 1.9, "Organization of an
// OpenType Font").
bool looks_like_font(std::string_view bytes);

// Adds a font unless it is none, is there already, or the limits of media::Subtitles are reached. A name that
// cannot be one is made up.
void add_font(media::Subtitles &into, std::string_view name, std::string_view bytes);

// Those among the attachments of a file, whatever type they claim to be of. `tags` may be null.
void add_attached_fonts(media::Subtitles &into, const GstTagList *tags);

// Those in the [Fonts] sections of a script.
void add_script_fonts(media::Subtitles &into, std::string_view script);

} // namespace butaca::origin
