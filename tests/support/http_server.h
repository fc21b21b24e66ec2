// An HTTP server on this machine for tests of downloads: it serves bytes by path, and fails in the
// ways that it is told to, one request after the other.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "ir/types.h"

namespace mote::testing {

// How one request is answered; as it is, properly.
struct Behaviour {
  int status = 0;              // instead of 200 or 206
  std::string location = {};   // redirects there
  int64_t bytes_sent = -1;     // then the line is cut
  bool stalls = false;         // instead of cutting: sends no more, and waits for the end
  bool ignores_range = false;  // sends all with 200
  int64_t range_shift = 0;     // answers with another range than it was asked for
  int64_t claims_bytes = -1;   // a Content-Length that is not so
  bool tells_length = true;    // false: the end of the body is the end of the connection
  bool lies = false;           // other bytes, as many
  std::string etag = "\"1\"";  // empty: names no version
};

class HttpServer {
 public:
  HttpServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ::setenv("no_proxy", "127.0.0.1", 1);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
      std::abort();
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~HttpServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (std::thread& connection : connections_) connection.join();
  }

  std::string address() const { return fmt::format("http://127.0.0.1:{}/", port_); }
  // `name` without a slash before it.
  void serve(const std::string& name, Bytes bytes) { files_["/" + name] = std::move(bytes); }
  // The next requests are answered so, one each; those after them properly.
  void next(std::vector<Behaviour> behaviours) {
    const std::lock_guard lock(mutex_);
    behaviours_.assign(behaviours.begin(), behaviours.end());
  }
  // "NAME", "NAME bytes=10-", "NAME bytes=10- if \"1\"", in the order of the requests.
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void accept_all() {
    for (;;) {
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      connections_.emplace_back([this, connection] {
        answer(connection);
        ::close(connection);
      });
    }
  }

  static std::string header_of(const std::string& request, const std::string& name) {
    const size_t at = request.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const size_t begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
  }

  static void send_all(int connection, const char* data, size_t size) {
    while (size > 0) {
      const ssize_t count = ::send(connection, data, size, MSG_NOSIGNAL);
      if (count <= 0) return;
      data += count;
      size -= static_cast<size_t>(count);
    }
  }
  static void wait_for_end(int connection) {
    char ignored;
    while (::recv(connection, &ignored, 1, 0) > 0) {
    }
  }

  Behaviour note(const std::string& line) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(line);
    if (behaviours_.empty()) return {};
    Behaviour behaviour = behaviours_.front();
    behaviours_.pop_front();
    return behaviour;
  }

  void answer(int connection) {
    std::string request;
    for (char byte; !request.ends_with("\r\n\r\n");) {
      if (::recv(connection, &byte, 1, 0) != 1) return;
      request.push_back(byte);
    }
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    const std::string range = header_of(request, "Range"), version = header_of(request, "If-Range");
    const Behaviour how = note(path.substr(1) + (range.empty() ? "" : " " + range) +
                               (version.empty() ? "" : " if " + version));
    const auto file = files_.find(path);
    if (file == files_.end() || how.status != 0 || !how.location.empty())
      return refuse(connection, how);
    int64_t from = 0;
    if (!how.ignores_range && (version.empty() || version == how.etag))
      std::sscanf(range.c_str(), "bytes=%ld-", &from);
    if (!range.empty() && from >= static_cast<int64_t>(file->second.size()))
      return refuse(connection, {.status = 416});
    send_file(connection, file->second, from, how);
  }

  static void refuse(int connection, const Behaviour& how) {
    std::string text = fmt::format("HTTP/1.1 {} no\r\n", !how.location.empty() ? 302
                                                         : how.status != 0     ? how.status
                                                                               : 404);
    if (!how.location.empty()) text += "Location: " + how.location + "\r\n";
    text += "Content-Length: 6\r\nConnection: close\r\n\r\nsorry\n";
    send_all(connection, text.data(), text.size());
  }

  static void send_file(int connection, const Bytes& bytes, int64_t from, const Behaviour& how) {
    const auto all = static_cast<int64_t>(bytes.size());
    from += from > 0 ? how.range_shift : 0;
    std::string head = from > 0 ? fmt::format("HTTP/1.1 206 part\r\nContent-Range: bytes {}-{}/{}",
                                              from, all - 1, all)
                                : "HTTP/1.1 200 fine";
    if (how.tells_length)
      head += fmt::format("\r\nContent-Length: {}",
                          how.claims_bytes >= 0 ? how.claims_bytes : all - from);
    if (!how.etag.empty()) head += "\r\nETag: " + how.etag;
    head += "\r\nConnection: close\r\n\r\n";
    send_all(connection, head.data(), head.size());
    std::string body(bytes.begin() + from, bytes.end());
    if (how.lies)
      for (char& byte : body) byte = static_cast<char>(~byte);
    if (how.bytes_sent >= 0) body.resize(static_cast<size_t>(how.bytes_sent), 'x');
    send_all(connection, body.data(), body.size());
    if (how.stalls) wait_for_end(connection);
  }

  int listener_;
  int port_ = 0;
  std::map<std::string, Bytes> files_;
  mutable std::mutex mutex_;
  std::deque<Behaviour> behaviours_;
  std::vector<std::string> requests_;
  std::thread acceptor_;
  std::vector<std::thread> connections_;
};

}  // namespace mote::testing
