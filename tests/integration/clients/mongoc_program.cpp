// A program that uses MongoDB. Its own tracing: one line for the client, and a segment.
//
//     mongoc_program URI [pool]
#include <mongoc/mongoc.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <xray/mongoc.hpp>
#include <xray/xray.hpp>

namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::exit(1);
}

void use(mongoc_client_t* client) {
  mongoc_collection_t* const collection = mongoc_client_get_collection(client, "shop", "orders");
  bson_error_t error;
  bson_t* const document = BCON_NEW("name", "secret-name");
  require(mongoc_collection_insert_one(collection, document, nullptr, nullptr, &error), "insert");
  require(!mongoc_collection_insert_one(collection, document, nullptr, nullptr, &error) &&
              error.code == 11000,
          "a duplicate was inserted");
  mongoc_cursor_t* const cursor =
      mongoc_collection_find_with_opts(collection, document, nullptr, nullptr);
  const bson_t* found = nullptr;
  int count = 0;
  while (mongoc_cursor_next(cursor, &found)) ++count;
  require(count == 2 && !mongoc_cursor_error(cursor, &error), "find");
  mongoc_cursor_destroy(cursor);

  bson_t* const refused = BCON_NEW("collStats", "secret-name");
  require(!mongoc_client_command_simple(client, "shop", refused, nullptr, nullptr, &error) &&
              error.code == 13,
          "what is forbidden was done");
  bson_t* const lost = BCON_NEW("ping", BCON_INT32(1));
  require(!mongoc_client_command_simple(client, "shop", lost, nullptr, nullptr, &error),
          "the connection lives on");
  for (bson_t* each : {document, refused, lost}) bson_destroy(each);
  mongoc_collection_destroy(collection);
}

}  // namespace

int main(int argc, char** argv) {
  require(argc >= 2, "mongoc_program URI [pool]");
  mongoc_init();
  mongoc_uri_t* const uri = mongoc_uri_new(argv[1]);
  require(uri != nullptr, "no URI");
  {
    const xray::Segment segment("mongoc_program");
    if (argc > 2) {
      mongoc_client_pool_t* const pool = mongoc_client_pool_new(uri);
      require(xray::trace_mongoc(pool), "not traced");
      mongoc_client_t* const client = mongoc_client_pool_pop(pool);
      use(client);
      mongoc_client_pool_push(pool, client);
      mongoc_client_pool_destroy(pool);
    } else {
      mongoc_client_t* const client = mongoc_client_new_from_uri(uri);
      require(xray::trace_mongoc(client), "not traced");
      use(client);
      mongoc_client_destroy(client);
    }
  }
  mongoc_uri_destroy(uri);
  mongoc_cleanup();
}
