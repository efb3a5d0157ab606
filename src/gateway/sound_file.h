// SPDX-License-Identifier: LGPL-2.1-or-later
// GET /s/{token}/stream.{mp3,opus,m4a,flac}: the sound of a playback as one file, made while it is sent.
#pragma once

#include <memory>
#include <string>

#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

// Answers with exact Content-Length and ranges as soon as the size is known, which it is from the start for
// all formats but FLAC; FLAC's first answers have no length and know no ranges. A failure after the first
// byte cuts the connection.
void send_sound_file(Services &services, const std::string &format,
                     const std::shared_ptr<const http::Request> &request, const http::Responder &responder);

} // namespace butaca::gateway
