// SPDX-License-Identifier: LGPL-2.1-or-later
// How things were delivered: status, types, encodings, ranges. Pure.
#pragma once

#include "client/check/fetcher.h"
#include "client/check/presentation.h"

namespace butaca::client::check {

enum class Delivered { playlist, init, mp4, transport_stream, packed_audio, webvtt, other };

// True when a whole answer came (200, or 206 where a range was asked for); else a finding says why not.
bool judge_answer(const Fetched &fetched, const Range &range, const Place &place, Findings &findings);
void judge_types(const Fetched &fetched, Delivered what, const Place &place, Findings &findings);

// The answer to HEAD against that to GET.
void judge_head(const Fetched &head, const Fetched &get, const Place &place, Findings &findings);

// The answer to a request for `range`, of a whole of `size_bytes` that holds `bytes` there.
void judge_range(const Fetched &fetched, const Range &range, std::uint64_t size_bytes,
                 const std::string &bytes, const Place &place, Findings &findings);

} // namespace butaca::client::check
