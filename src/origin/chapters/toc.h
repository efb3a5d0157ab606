// SPDX-License-Identifier: LGPL-2.1-or-later
// Chapters as GStreamer's demuxers tell them (GstToc).
#pragma once

#include <vector>

#include <gst/gst.h>

#include "src/media/chapters.h"

namespace butaca::origin {

// Of the first edition, on the file's axis, as they stand there: not mended. Chapters inside of chapters are
// left out, for they overlap those around them.
std::vector<media::Chapter> toc_chapters(const GstToc *toc);

} // namespace butaca::origin
