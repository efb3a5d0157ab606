// SPDX-License-Identifier: LGPL-2.1-or-later
// Bodies of text as gzip for clients that take it (RFC 9110, 8.4.1.3 and 12.5.3). Pure.
#pragma once

#include <string_view>

#include "src/http/message.h"

namespace butaca::http {

// Whether a field Accept-Encoding asks for gzip: by its name or "*", and not with a weight of 0.
bool accepts_gzip(std::string_view accept_encoding);

// Replaces the body by its gzip where the request takes that, the type is one of playlists, manifests, cues
// or JSON, and it is worth it: from 128 bytes on and up to 1 MiB, so that it never holds the loop for long.
// All such answers get `Vary: Accept-Encoding`. What has an ETag stays as it is: that names its very bytes
// (RFC 9110, 8.8.3).
void compress(Response &response, const Request &request);

} // namespace butaca::http
