// SPDX-License-Identifier: LGPL-2.1-or-later
// Which fonts are installed, as a few letters.
#pragma once

#include <string>

namespace butaca::subtitle {

// Names the renderer's code and its fonts: versions and build ids of libass and the libraries that shape and
// draw for it, and a digest over name, version, size and place in its file of every font that fontconfig
// knows. Machines with equal strings draw equal pictures. Takes some tens of milliseconds at first.
// Thread-safe.
std::string renderer_version();

} // namespace butaca::subtitle
