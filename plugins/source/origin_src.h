// SPDX-License-Identifier: LGPL-2.1-or-later
// The elements vssrc and assrc: an original on VS or AS as a seekable source of bytes. Everything but names,
// scheme and default port is shared.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(vssrc)
GST_ELEMENT_REGISTER_DECLARE(assrc)
