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

} // namespace butaca::origin
