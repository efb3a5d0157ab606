// SPDX-License-Identifier: LGPL-2.1-or-later
// What vssrc and assrc share below their names: the instance, and how GstBaseSrc reads through it. Functions
// run on the streaming thread unless GstBaseSrc says otherwise (unlock and queries come from any thread).
#pragma once

#include <gst/base/gstbasesrc.h>

#include "plugins/source/origin_properties.h"

// The C side: an abstract type that does the work; the elements derived from it only carry names.
struct ButacaOriginSrc {
    GstBaseSrc parent;
    butaca::source::OriginState *state;
};
struct ButacaOriginSrcClass {
    GstBaseSrcClass parent_class;
    const gchar *const *protocols; // the URI scheme, and the null that ends the list
    unsigned default_port;
};

namespace butaca::source {

// The instance behind any of the C types above or below it.
template <typename T> ButacaOriginSrc *as_origin_src(T *object)
{
    return reinterpret_cast<ButacaOriginSrc *>(object);
}
inline const ButacaOriginSrcClass *class_of(ButacaOriginSrc *self)
{
    return reinterpret_cast<const ButacaOriginSrcClass *>(G_OBJECT_GET_CLASS(self));
}

// Fills in the virtual functions that read: start, stop, unlock, unlock_stop, is_seekable, get_size, fill,
// query.
void install_reading(GstBaseSrcClass *klass);

} // namespace butaca::source
