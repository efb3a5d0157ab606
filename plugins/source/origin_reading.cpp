// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/source/origin_reading.h"

#include <memory>
#include <mutex>
#include <optional>

#include "plugins/source/address.h"
#include "plugins/source/range_reader.h"
#include "src/base/gst.h"

namespace butaca::source {
namespace {

std::shared_ptr<RangeReader> reader_of(ButacaOriginSrc *self)
{
    std::lock_guard lock(self->state->mutex);
    return self->state->reader;
}

// Makes an error of ours a message on the bus. The details say the code and, where known, `retry-after-s`, so
// that an application can decide without reading texts.
void post_error(ButacaOriginSrc *self, const Error &error)
{
    GQuark domain = GST_RESOURCE_ERROR;
    int code = GST_RESOURCE_ERROR_READ;
    switch (error.code) {
    case ErrorCode::unauthenticated:
    case ErrorCode::forbidden:
        code = GST_RESOURCE_ERROR_NOT_AUTHORIZED;
        break;
    case ErrorCode::not_found:
        code = GST_RESOURCE_ERROR_NOT_FOUND;
        break;
    case ErrorCode::invalid_argument:
        code = GST_RESOURCE_ERROR_SETTINGS;
        break;
    default:
        break;
    }
    GstStructure *details = gst_structure_new("butaca-error", "code", G_TYPE_STRING, to_string(error.code),
                                              "retry-after-s", G_TYPE_UINT, error.retry_after_s, nullptr);
    gst_element_message_full_with_details(GST_ELEMENT(self), GST_MESSAGE_ERROR, domain, code,
                                          g_strdup(error.message.c_str()), g_strdup(error.detail.c_str()),
                                          __FILE__, GST_FUNCTION, __LINE__, details);
}

Result<Address> address_of(ButacaOriginSrc *self)
{
    const ButacaOriginSrcClass *klass = class_of(self);
    OriginState *state = self->state;
    auto address = parse_location(state->location, klass->protocols[0], klass->default_port);
    if (!address)
        return address;
    auto replicas = parse_replicas(state->replicas, klass->default_port);
    if (!replicas)
        return fail(std::move(replicas.error()));
    address->hosts.insert(address->hosts.end(), replicas->begin(), replicas->end());
    return address;
}

Result<std::shared_ptr<RangeReader>> make_reader(ButacaOriginSrc *self)
{
    OriginState *state = self->state;
    std::lock_guard lock(state->mutex);
    if (state->location.empty())
        return fail(ErrorCode::invalid_argument, "no original to read", "the property location is not set");
    if (!is_ticket(state->ticket))
        return fail(ErrorCode::invalid_argument, "the ticket is not valid",
                    "it has characters that a header cannot");
    auto address = address_of(self);
    if (!address)
        return fail(std::move(address.error()));
    state->reader = std::make_shared<RangeReader>(std::move(*address), state->ticket, state->options);
    return state->reader;
}

gboolean start(GstBaseSrc *base)
{
    ButacaOriginSrc *self = as_origin_src(base);
    auto reader = make_reader(self);
    if (!reader) {
        post_error(self, reader.error());
        return FALSE;
    }
    return TRUE;
}

gboolean stop(GstBaseSrc *base)
{
    OriginState *state = as_origin_src(base)->state;
    std::shared_ptr<RangeReader> last; // destroyed after the lock is released: it closes connections
    std::lock_guard lock(state->mutex);
    last = std::move(state->reader);
    state->reader.reset();
    if (last)
        state->last_stats = last->stats();
    return TRUE;
}

gboolean unlock(GstBaseSrc *base)
{
    if (auto reader = reader_of(as_origin_src(base)))
        reader->interrupt();
    return TRUE;
}

gboolean unlock_stop(GstBaseSrc *base)
{
    if (auto reader = reader_of(as_origin_src(base)))
        reader->resume();
    return TRUE;
}

gboolean is_seekable(GstBaseSrc *) { return TRUE; }

// Never blocks, as GstBaseSrc also asks inside of state changes; the query below is the one that asks the
// origin.
gboolean get_size(GstBaseSrc *base, guint64 *size)
{
    auto reader = reader_of(as_origin_src(base));
    auto known = reader ? reader->known_size() : std::nullopt;
    if (known)
        *size = *known;
    return known.has_value();
}

// The first answer tells the size; GstBaseSrc only looks again when it already has one.
void note_size(GstBaseSrc *base, const RangeReader &reader)
{
    auto size = reader.known_size();
    GST_OBJECT_LOCK(base);
    bool is_news = size && base->segment.duration != static_cast<guint64>(*size);
    if (is_news)
        base->segment.duration = *size;
    GST_OBJECT_UNLOCK(base);
    if (is_news)
        gst_element_post_message(GST_ELEMENT(base), gst_message_new_duration_changed(GST_OBJECT(base)));
}

GstFlowReturn fill(GstBaseSrc *base, guint64 offset, guint size, GstBuffer *buffer)
{
    ButacaOriginSrc *self = as_origin_src(base);
    auto reader = reader_of(self);
    if (!reader)
        return GST_FLOW_FLUSHING;
    Result<std::size_t> got = std::size_t{0};
    {
        MappedBuffer map(buffer, GST_MAP_WRITE);
        if (!map) {
            GST_ELEMENT_ERROR(self, RESOURCE, WRITE, ("There is no memory for the bytes of the original."),
                              ("cannot map a buffer of %u bytes", size));
            return GST_FLOW_ERROR;
        }
        got = reader->read(offset, map.writable().first(std::min<std::size_t>(size, map.bytes().size())));
    }
    if (!got && got.error().code == ErrorCode::cancelled)
        return GST_FLOW_FLUSHING;
    if (!got) {
        post_error(self, got.error());
        return GST_FLOW_ERROR;
    }
    note_size(base, *reader);
    if (*got == 0 && size > 0)
        return GST_FLOW_EOS;
    if (*got < size)
        gst_buffer_set_size(buffer, static_cast<gssize>(*got));
    GST_BUFFER_OFFSET(buffer) = offset;
    GST_BUFFER_OFFSET_END(buffer) = offset + *got;
    return GST_FLOW_OK;
}

// Demuxers ask for the length before they read; now it is worth a request. GstBaseSrc answers with what it
// noted.
void learn_size(ButacaOriginSrc *self)
{
    auto reader = reader_of(self);
    if (!reader || reader->known_size())
        return;
    auto size = reader->size();
    if (size)
        note_size(GST_BASE_SRC(self), *reader);
    else if (size.error().code != ErrorCode::cancelled)
        post_error(self, size.error());
}

gboolean query(GstBaseSrc *base, GstQuery *query)
{
    if (GST_QUERY_TYPE(query) == GST_QUERY_DURATION) {
        GstFormat format = GST_FORMAT_UNDEFINED;
        gst_query_parse_duration(query, &format, nullptr);
        if (format == GST_FORMAT_BYTES)
            learn_size(as_origin_src(base));
    }
    return GST_BASE_SRC_CLASS(g_type_class_peek(GST_TYPE_BASE_SRC))->query(base, query);
}

} // namespace

void install_reading(GstBaseSrcClass *klass)
{
    klass->start = start;
    klass->stop = stop;
    klass->unlock = unlock;
    klass->unlock_stop = unlock_stop;
    klass->is_seekable = is_seekable;
    klass->get_size = get_size;
    klass->fill = fill;
    klass->query = query;
}

} // namespace butaca::source
