// SPDX-License-Identifier: LGPL-2.1-or-later
// butacafield: shows one field of an interlaced frame.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(butacafield)
