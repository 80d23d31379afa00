package dev.tarn.spark.kinesis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;

/**
 * SubscribeToShard of {@link FakeAws}, over HTTP/2 with prior knowledge. The wire form:
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html
 */
final class FakeSubscriptions implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LOOK_MILLIS = 5;

  /** A tenth of the service's, as this one runs on real time. */
  private static final long ALONE_MILLIS = FakeFanOut.ALONE_MILLIS / 10;

  private final FakeAws aws;
  private final EventLoopGroup loop = new NioEventLoopGroup(1);
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Map<String, FakeFanOut> fanOuts = new ConcurrentHashMap<>();
  private final AtomicInteger mute = new AtomicInteger();
  private final Channel listener;

  FakeSubscriptions(FakeAws aws) {
    this.aws = aws;
    this.listener =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    connections.add(connection);
                    if (mute.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                      return;
                    }
                    connection
                        .pipeline()
                        .addLast(Http2FrameCodecBuilder.forServer().build())
                        .addLast(
                            new Http2MultiplexHandler(
                                new ChannelInitializer<Channel>() {
                                  @Override
                                  protected void initChannel(Channel stream) {
                                    stream.pipeline().addLast(new Pushing());
                                  }
                                }));
                  }
                })
            .bind("127.0.0.1", 0)
            .syncUninterruptibly()
            .channel();
  }

  int port() {
    return ((java.net.InetSocketAddress) listener.localAddress()).getPort();
  }

  /** So many of the next connections are taken and never spoken to. */
  void standStill(int count) {
    mute.set(count);
  }

  void breakAll() {
    connections.close().syncUninterruptibly();
  }

  /** One HTTP/2 stream: a request, then events until it is over. */
  private final class Pushing extends ChannelInboundHandlerAdapter {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private ShardSubscription subscription;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) throws IOException {
      if (frame instanceof Http2DataFrame data) {
        body.writeBytes(ByteBufUtil.getBytes(data.content()));
        boolean whole = data.isEndStream();
        data.release();
        if (whole) {
          begin(ctx, JSON.readTree(body.toByteArray()));
        }
      }
    }

    private void begin(ChannelHandlerContext ctx, JsonNode input) {
      String consumer = input.path("ConsumerARN").asText();
      try {
        if (!aws.consumers.contains(consumer)) {
          throw new KinesisApiException(
              KinesisApiException.Kind.SHARD_NOT_FOUND, "no consumer " + consumer, null);
        }
        String stream = consumer.split("/")[1];
        subscription =
            fanOuts
                .computeIfAbsent(
                    consumer, c -> new FakeFanOut(aws.stream(stream), Pace.SYSTEM, ALONE_MILLIS))
                .subscribe(
                    input.path("ShardId").asText(), position(input.path("StartingPosition")));
      } catch (KinesisApiException e) {
        ObjectNode refusal = JSON.createObjectNode().put("__type", FakeAws.type(e));
        headers(ctx, "400", "application/x-amz-json-1.1");
        ByteBuf text = Unpooled.wrappedBuffer(bytes(refusal.put("message", e.getMessage())));
        ctx.writeAndFlush(new DefaultHttp2DataFrame(text, true));
        return;
      }
      headers(ctx, "200", "application/vnd.amazon.eventstream");
      write(ctx, "event", "initial-response", JSON.createObjectNode());
      push(ctx);
    }

    private void push(ChannelHandlerContext ctx) {
      if (!ctx.channel().isActive()) {
        return;
      }
      try {
        PushedRecords event = ctx.channel().isWritable() ? subscription.next(0) : null;
        if (event != null) {
          write(ctx, "event", "SubscribeToShardEvent", json(event));
        }
      } catch (KinesisApiException e) {
        if (e.kind() != KinesisApiException.Kind.SUBSCRIPTION_OVER) {
          ObjectNode why = JSON.createObjectNode().put("message", e.getMessage());
          write(ctx, "exception", FakeAws.type(e), why);
        }
        ctx.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
        return;
      }
      ctx.executor().schedule(() -> push(ctx), LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private static Position position(JsonNode start) {
    Position.Kind kind = Position.Kind.valueOf(start.path("Type").asText());
    return switch (kind) {
      case TRIM_HORIZON -> Position.TRIM_HORIZON;
      case AT_TIMESTAMP ->
          Position.atTimestamp((long) (start.path("Timestamp").asDouble() * 1_000));
      default -> new Position(kind, start.path("SequenceNumber").asText());
    };
  }

  private static ObjectNode json(PushedRecords event) {
    ObjectNode node = JSON.createObjectNode();
    ArrayNode records = node.putArray("Records");
    event.records().forEach(record -> records.add(FakeAws.json(record)));
    if (!event.last()) {
      node.put("ContinuationSequenceNumber", "0");
    }
    return node.put("MillisBehindLatest", event.millisBehindLatest());
  }

  private static void headers(ChannelHandlerContext ctx, String status, String contentType) {
    ctx.write(
        new DefaultHttp2HeadersFrame(
            new DefaultHttp2Headers().status(status).set("content-type", contentType)));
  }

  private static void write(ChannelHandlerContext ctx, String kind, String type, ObjectNode body) {
    Message message =
        new Message(
            Map.of(
                ":message-type",
                HeaderValue.fromString(kind),
                ":" + kind + "-type",
                HeaderValue.fromString(type),
                ":content-type",
                HeaderValue.fromString("application/json")),
            bytes(body));
    ctx.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(message.toByteBuffer())));
  }

  private static byte[] bytes(ObjectNode node) {
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    listener.close().syncUninterruptibly();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
