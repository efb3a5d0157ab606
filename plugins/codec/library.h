// SPDX-License-Identifier: LGPL-2.1-or-later
// Which encoder do we have, and exactly which build of it? The bytes of a segment depend on the codec
// library, so its build is part of what names a rendition.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <gst/gst.h>

#include "src/base/gst.h"

namespace butaca::codec {

// Makes a child element, or posts a missing-plugin message and an error on `parent` and returns null. The
// caller owns the (floating) element until it is added to a bin.
GstElement *make_child(GstElement *parent, const char *factory);

// Whether an element of this name is installed. Thread-safe.
bool is_installed(const char *factory);

// Names the code that makes an encoder's bytes: "x264enc 1.22.0 (libx264.so.164 5c1e2f08…)": the element, the
// version of the plugin, and for each loaded library whose file name starts with one of `libraries`, its name
// and GNU build id. Loads the plugin. Two machines with equal strings run equal code; a rebuilt library gives
// another string, and so another rendition. Empty when the element is not installed. Thread-safe.
std::string describe(const std::string &factory, std::span<const std::string_view> libraries);

// describe() with our own version added, which also shapes the bytes. Empty when `factory` is null or not
// installed. Thread-safe.
std::string version_of(const char *factory, std::span<const std::string_view> libraries);

// A string property's value; null reads as empty.
std::string text_of(const GValue *value);

// Sets a property from text as gst-launch-1.0 does, so that a table can hold settings for many encoders.
// False (with a warning in the log) when this build of the element has no such property. Any thread.
bool set_from_text(GstElement *element, const std::string &property, const std::string &value);

} // namespace butaca::codec
