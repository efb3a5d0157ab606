// SPDX-License-Identifier: LGPL-2.1-or-later
// videotranscode: decoded video in, encoded video out, the same bytes for the same frames.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(videotranscode)
