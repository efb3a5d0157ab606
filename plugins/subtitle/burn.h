// SPDX-License-Identifier: LGPL-2.1-or-later
// subtitleburn: decoded video in, the same video with subtitles in its pictures out.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(subtitleburn)
