// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/loudness.h"

#include "src/base/json.h"

namespace butaca::media {

namespace {

constexpr std::size_t text_bytes_most = 64UL * 1024;
// Nothing that was measured lies outside.
constexpr double least_db = -200;
constexpr double most_db = 100;

bool sane(double value) { return value >= least_db && value <= most_db; }

} // namespace

std::string LoudnessReport::serialize() const
{
    json::Writer writer;
    writer.begin_object().key("tracks").begin_array();
    for (const auto &[pad, loudness] : tracks)
        writer.begin_object()
            .member("pad", pad)
            .member("integrated_lufs", loudness.integrated_lufs)
            .member("true_peak_dbtp", loudness.true_peak_dbtp)
            .end_object();
    writer.end_array().end_object();
    return writer.take();
}

Result<LoudnessReport> LoudnessReport::parse(std::string_view text)
{
    auto document = json::Value::parse(text, {text_bytes_most, 8});
    if (!document)
        return fail(document.error());
    if (!(*document)["tracks"].is_array())
        return fail(ErrorCode::invalid_argument, "this is no report of loudness");
    LoudnessReport report;
    for (const auto &track : (*document)["tracks"].items()) {
        auto pad = track["pad"].string();
        auto integrated = track["integrated_lufs"].number();
        auto peak = track["true_peak_dbtp"].number();
        if (!pad || !integrated || !peak || !sane(*integrated) || !sane(*peak))
            return fail(ErrorCode::invalid_argument, "this is no report of loudness");
        report.tracks[*pad] = {*integrated, *peak};
    }
    return report;
}

} // namespace butaca::media
