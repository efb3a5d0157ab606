// SPDX-License-Identifier: LGPL-2.1-or-later
// Sorts GStreamer's errors into ours.
#include "pipelines/trouble.h"

#include <string>

namespace butaca::pipelines {

namespace {

Error sorted(const GError *error)
{
    if (g_error_matches(error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN) ||
        g_error_matches(error, GST_STREAM_ERROR, GST_STREAM_ERROR_CODEC_NOT_FOUND))
        return {ErrorCode::unsupported, "nothing installed here handles this media", {}, 0};
    if (error->domain == GST_STREAM_ERROR)
        return {ErrorCode::unsupported, "the media is damaged or of an unknown kind", {}, 0};
    if (error->domain == GST_RESOURCE_ERROR)
        return {ErrorCode::unavailable, "the original cannot be read right now", {}, 0};
    return {ErrorCode::internal, "making the segment failed", {}, 0};
}

} // namespace

Error error_from_message(GstMessage *message)
{
    Owned<GError> error;
    Owned<char> debug;
    const GstStructure *details = nullptr;
    gst_message_parse_error(message, Out(error), Out(debug));
    gst_message_parse_error_details(message, &details);
    if (!error)
        return {ErrorCode::internal, "making the segment failed", "an error without content", 0};
    Error result = sorted(error.get());
    // Our source elements say in the details what happened to the origin.
    if (details && gst_structure_has_name(details, "butaca-error")) {
        const char *code = gst_structure_get_string(details, "code");
        if (code && std::string(code) == to_string(ErrorCode::conflict))
            result = {ErrorCode::conflict, "the original changed underneath", {}, 0};
        gst_structure_get_uint(details, "retry-after-s", &result.retry_after_s);
    }
    result.detail = std::string(error->message) + (debug ? std::string(": ") + debug.get() : "");
    return result;
}

} // namespace butaca::pipelines
