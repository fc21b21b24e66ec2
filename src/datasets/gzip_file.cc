#include "datasets/gzip_file.h"

#include <array>

#include <fmt/format.h>
#include <zlib.h>

#include "base/error.h"
#include "base/sha256.h"

namespace mote::datasets {

void GzipFile::Close::operator()(gzFile_s* file) const {
  gzclose(file);
}

GzipFile::GzipFile(const std::string& path) : path_(path), file_(gzopen(path.c_str(), "rbe")) {
  if (!file_) throw Error(ErrorKind::invalid_input, "cannot read", path);
  gzbuffer(file_.get(), 1 << 17);
}

size_t GzipFile::read(std::span<uint8_t> piece) {
  const int count = gzread(file_.get(), piece.data(), static_cast<unsigned>(piece.size()));
  int status = Z_OK;
  gzerror(file_.get(), &status);
  if (count < 0 || (status != Z_OK && status != Z_STREAM_END))
    throw Error(ErrorKind::invalid_input,
                fmt::format("the gzip stream is {} at offset {} of what is in it",
                            status == Z_BUF_ERROR ? "cut off" : "damaged", offset_),
                path_);
  offset_ += count;
  return static_cast<size_t>(count);
}

std::string sha256_of_contents(const std::string& path, int64_t limit_bytes) {
  try {
    GzipFile file(path);
    Sha256 digest;
    std::array<uint8_t, 1 << 16> piece;
    while (const size_t count = file.read(piece)) {
      if (file.offset() > limit_bytes) return {};
      digest.add(std::span(piece).first(count));
    }
    return digest.hex();
  } catch (const Error&) {
    return {};
  }
}

}  // namespace mote::datasets
