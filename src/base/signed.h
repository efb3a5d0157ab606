// SPDX-License-Identifier: LGPL-2.1-or-later
// Signed strings: "payload, good for this purpose until then", as text that fits one path segment of a URL.
// Form: base64url(payload) "." expiry in Unix seconds "." base64url(HMAC-SHA-256). Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace butaca {

// 256 secret bits. Never logged, never sent.
class SigningKey {
public:
    static SigningKey random();
    // Reads the 64 hex digits of a key file; makes the file (mode 0600, written aside and renamed) where
    // there is none. Fails with `invalid_argument` when the file holds something else, `internal` when it
    // cannot be read or written.
    static Result<SigningKey> load_or_create(const std::string &path);
    static Result<SigningKey> load(const std::string &path);

    // The text that holds `payload` for `purpose` until `expires_at_s` (Unix time). The purpose is signed,
    // not contained, so a string made for one purpose never passes for another.
    std::string sign(std::string_view purpose, std::string_view payload, std::int64_t expires_at_s) const;
    // The payload again. `unauthenticated` when the text is malformed, the signature differs (compared in
    // constant time) or `now_s` is past the expiry; the message tells an expired one from a wrong one, for
    // only the holder of a once valid string can see that difference.
    Result<std::string> verify(std::string_view purpose, std::string_view text, std::int64_t now_s) const;

private:
    std::array<std::uint8_t, 32> bytes_{};
};

// Unix time in whole seconds.
std::int64_t unix_now_s();

} // namespace butaca
