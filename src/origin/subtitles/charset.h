// SPDX-License-Identifier: LGPL-2.1-or-later
// Text in whatever encoding people saved it.
#pragma once

#include <string>
#include <string_view>

namespace butaca::origin {

// The text as UTF-8, without a byte order mark and without NUL: by its mark; as UTF-16 when every other byte
// is mostly 0; as it is when it is valid UTF-8; else by what uchardet takes it for, else Windows-1252, in
// which every byte is something. What cannot be converted becomes U+FFFD.
std::string to_utf8(std::string_view bytes);

} // namespace butaca::origin
