package dev.tarn.spark.kinesis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** One port for two servers: HTTP/2 connections begin with the word PRI. */
final class FrontDoor implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final int http1Port;
  private final int http2Port;

  FrontDoor(int http1Port, int http2Port) throws IOException {
    this.http1Port = http1Port;
    this.http2Port = http2Port;
    threads.execute(this::listen);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void listen() {
    try {
      while (true) {
        Socket client = listener.accept();
        threads.execute(() -> serve(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket client) {
    try {
      byte[] first = client.getInputStream().readNBytes(3);
      int port =
          new String(first, java.nio.charset.StandardCharsets.US_ASCII).equals("PRI")
              ? http2Port
              : http1Port;
      Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
      server.getOutputStream().write(first);
      threads.execute(() -> pump(server, client));
      pump(client, server);
    } catch (IOException e) {
      closeQuietly(client);
    }
  }

  private static void pump(Socket from, Socket to) {
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
      // the other side is gone
    } finally {
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // it is closed
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    threads.shutdownNow();
  }
}
