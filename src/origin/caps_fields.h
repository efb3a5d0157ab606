// SPDX-License-Identifier: LGPL-2.1-or-later
// Reading fields of caps that may lack them.
#pragma once

#include <string>

#include <gst/gst.h>

namespace butaca::origin {

// The first structure; null where there is none.
const GstStructure *first(const GstCaps *caps);

// A field's value, or the fallback where the structure is null, lacks it or has it in another type.
std::string text(const GstStructure *structure, const char *field);
int number(const GstStructure *structure, const char *field, int fallback = 0);

// Whether later caps of a track contradict its first ones in what a decoder is set up by: what one of the two
// does not tell does not count.
bool differ_for_decoders(const GstCaps *before, const GstCaps *after);

} // namespace butaca::origin
