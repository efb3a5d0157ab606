// SPDX-License-Identifier: LGPL-2.1-or-later
// The element "butacaaacenc"; its own file says what it does.
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS
GST_ELEMENT_REGISTER_DECLARE(butacaaacenc)
G_END_DECLS
