import { HttpService } from '@nestjs/axios';
import { Controller, Get, Param } from '@nestjs/common';
import { firstValueFrom } from 'rxjs';

@Controller()
export class AppController {
  constructor(private readonly http: HttpService) {}

  @Get('hello/:name')
  hello(@Param('name') name: string) {
    return { app: 'nest', hello: name };
  }

  @Get('call/:name')
  async call(@Param('name') name: string) {
    const answer = await firstValueFrom(this.http.get(`${process.env.UPSTREAM}/hello/${name}`));
    return answer.data;
  }
}
