// SPDX-License-Identifier: LGPL-2.1-or-later
// audiocompress: sound in, encoded packets out, on an exact grid and the same bytes for the same samples.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(audiocompress)
