import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Request, Response } from 'express';
import type { Upgrade } from '../request.ts';

/**
 * Node hands an upgrade over as a bare socket. It goes through the same handler chain as every request, so it gets a
 * response of its own to be refused with, until whoever accepts it takes the socket.
 */
export function upgradeRequest(
  message: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): { http: Request; response: Response; upgrade: Upgrade } {
  const response = new ServerResponse(message);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.once('finish', () => {
    if (response.socket) response.detachSocket(socket as Socket);
    socket.end();
  });
  socket.on('error', () => socket.destroy());
  const upgrade: Upgrade = {
    head,
    hijack() {
      response.detachSocket(socket as Socket);
      return socket;
    },
  };
  return { http: message as Request, response: response as Response, upgrade };
}
