// SPDX-License-Identifier: LGPL-2.1-or-later
// The element `segmentmux`; see the section comment in segmentmux.cpp.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(segmentmux)
