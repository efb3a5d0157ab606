// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/outbox.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace butaca::http {

const char *Outbox::Item::data() const
{
    if (bytes)
        return static_cast<const char *>(g_bytes_get_data(bytes.get(), nullptr)) + offset;
    return text.data() + offset;
}

void Outbox::push(std::string text)
{
    if (text.empty())
        return;
    Item item;
    item.left_bytes = text.size();
    item.text = std::move(text);
    queued_bytes_ += item.left_bytes;
    items_.push_back(std::move(item));
}

void Outbox::push(std::shared_ptr<GBytes> bytes)
{
    const std::size_t size_bytes = bytes ? g_bytes_get_size(bytes.get()) : 0;
    if (size_bytes == 0)
        return;
    Item item;
    item.bytes = std::move(bytes);
    item.left_bytes = size_bytes;
    queued_bytes_ += size_bytes;
    items_.push_back(std::move(item));
}

void Outbox::push_file(int fd, std::uint64_t offset, std::uint64_t size_bytes)
{
    Item item;
    item.file.reset(fd);
    if (size_bytes == 0)
        return;
    item.offset = offset;
    item.left_bytes = size_bytes;
    queued_bytes_ += size_bytes;
    items_.push_back(std::move(item));
}

void Outbox::clear()
{
    items_.clear();
    queued_bytes_ = 0;
}

Outbox::Outcome Outbox::flush(int socket, std::uint64_t most_bytes, std::uint64_t &sent_bytes)
{
    while (!items_.empty()) {
        if (most_bytes == 0)
            return Outcome::blocked;
        const bool is_file = static_cast<bool>(items_.front().file);
        const long sent = is_file ? send_file(socket, most_bytes) : send_memory(socket, most_bytes);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? Outcome::blocked : Outcome::failed;
        if (sent == 0)
            return Outcome::failed;
        const auto taken = static_cast<std::uint64_t>(sent);
        consume(taken);
        sent_bytes += taken;
        most_bytes -= std::min(most_bytes, taken);
    }
    return Outcome::drained;
}

long Outbox::send_memory(int socket, std::uint64_t most_bytes)
{
    std::array<iovec, 16> parts;
    std::size_t count = 0;
    bool file_follows = false;
    for (const Item &item : items_) {
        file_follows = static_cast<bool>(item.file);
        if (file_follows || count == parts.size() || most_bytes == 0)
            break;
        const std::uint64_t part_bytes = std::min(item.left_bytes, most_bytes);
        parts[count++] = {const_cast<char *>(item.data()), static_cast<std::size_t>(part_bytes)};
        most_bytes -= part_bytes;
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    // With MSG_MORE the head of a response and the first bytes of its file share a packet.
    return sendmsg(socket, &message, MSG_NOSIGNAL | (file_follows ? MSG_MORE : 0));
}

long Outbox::send_file(int socket, std::uint64_t most_bytes)
{
    const Item &item = items_.front();
    auto offset = static_cast<off_t>(item.offset);
    return sendfile(socket, item.file.get(), &offset,
                    static_cast<std::size_t>(std::min(item.left_bytes, most_bytes)));
}

void Outbox::consume(std::uint64_t sent_bytes)
{
    queued_bytes_ -= sent_bytes;
    while (sent_bytes > 0) {
        Item &item = items_.front();
        const std::uint64_t part_bytes = std::min(item.left_bytes, sent_bytes);
        item.left_bytes -= part_bytes;
        item.offset += part_bytes;
        sent_bytes -= part_bytes;
        if (item.left_bytes == 0)
            items_.pop_front();
    }
}

} // namespace butaca::http
