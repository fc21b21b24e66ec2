#include "base/gzip.h"

#include <array>

#include <fmt/format.h>
#include <zlib.h>

#include "base/error.h"

namespace mote {
namespace {

constexpr int kGzipWindow = 15 + 16;  // 16: with a gzip header

struct Inflater {
  z_stream stream{};
  explicit Inflater(const std::string& where) {
    if (inflateInit2(&stream, kGzipWindow) != Z_OK)
      throw Error(ErrorKind::internal, "zlib does not start", where);
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

}  // namespace

Bytes gunzip(std::span<const uint8_t> bytes, const std::string& where, size_t limit_bytes) {
  Inflater inflater(where);
  z_stream& stream = inflater.stream;
  size_t consumed = 0;
  const auto fail = [&](std::string_view what) -> Error {
    return {ErrorKind::invalid_input, fmt::format("{} at offset {}", what, consumed), where};
  };
  Bytes result;
  std::array<uint8_t, 1 << 16> chunk;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    const size_t piece = std::min<size_t>(bytes.size() - consumed, 1 << 20);
    stream.next_in = const_cast<uint8_t*>(bytes.data()) + consumed;  // zlib does not write to it
    stream.avail_in = static_cast<uInt>(piece);
    stream.next_out = chunk.data();
    stream.avail_out = static_cast<uInt>(chunk.size());
    status = inflate(&stream, Z_NO_FLUSH);
    consumed += piece - stream.avail_in;
    const size_t produced = chunk.size() - stream.avail_out;
    if (status == Z_BUF_ERROR || (status == Z_OK && piece == 0 && produced == 0))
      throw fail("the gzip stream is cut off");
    if (status != Z_OK && status != Z_STREAM_END) throw fail("the gzip stream is damaged");
    if (result.size() + produced > limit_bytes) throw fail("the gzip stream is too long");
    result.insert(result.end(), chunk.data(), chunk.data() + produced);
  }
  if (consumed != bytes.size()) throw fail("bytes after the end of the gzip stream");
  return result;
}

Bytes gzip(std::span<const uint8_t> bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, kGzipWindow, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    throw Error(ErrorKind::internal, "zlib does not start");
  Bytes result(deflateBound(&stream, bytes.size()));
  stream.next_in = const_cast<uint8_t*>(bytes.data());  // zlib does not write to it
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = result.data();
  stream.avail_out = static_cast<uInt>(result.size());
  const int status = deflate(&stream, Z_FINISH);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw Error(ErrorKind::internal, "zlib does not finish");
  return result;
}

}  // namespace mote
