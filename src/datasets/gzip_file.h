// A file read as a stream, unzipped where it is gzip'd, in memory that does not grow with it.
// Tested by tar_test.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct gzFile_s;

namespace mote::datasets {

class GzipFile {
 public:
  // Throws Error{invalid_input} where it cannot be read.
  explicit GzipFile(const std::string& path);
  // Fills `piece`, or what is left; 0 at the end. Throws Error{invalid_input} that names file and
  // offset where the stream is damaged or cut off.
  size_t read(std::span<uint8_t> piece);
  int64_t offset() const { return offset_; }  // of the uncompressed bytes

 private:
  struct Close {
    void operator()(gzFile_s* file) const;
  };
  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
  int64_t offset_ = 0;
};

// Of the uncompressed bytes. Empty where the file is not there, damaged, or has more than
// `limit_bytes`.
std::string sha256_of_contents(const std::string& path, int64_t limit_bytes);

}  // namespace mote::datasets
